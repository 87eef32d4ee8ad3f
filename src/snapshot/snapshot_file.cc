#include "snapshot/snapshot_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// Vectors hardly get smaller and texts are packed already. An index of 11.2 MB, 7,800 chunks with
// vectors of 384 numbers: level 1 saves 14 % in 40 ms, level 3 16 % in 86 ms, level 9 18 % in 410
// ms.
constexpr int kLevel = 1;
// Of a frame that is read; what level 1 writes needs 512 KiB.
constexpr int kMostWindowLog = 23;  // 8 MiB
constexpr size_t kBlock = size_t{256} << 10;

struct FreePacker {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeUnpacker {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A regular file read from its start. Not thread-safe.
class InputFile {
 public:
  static Result<InputFile> Open(const fs::path& path) {
    // Without waiting for somebody to write to what may be a pipe.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) return ErrnoStatus(errno, path, "cannot open");
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, path, "cannot open");
    if (!S_ISREG(info.st_mode)) return InvalidArgument(StrCat(path, ": expected a file"));
    return InputFile(path, std::move(fd), static_cast<uint64_t>(info.st_size));
  }

  uint64_t size() const { return size_; }
  // Fewer bytes than asked for at the file's end only.
  Result<std::string_view> Read(size_t count) {
    buffer_.resize(count);
    size_t filled = 0;
    while (filled < count) {
      const ssize_t got = ::read(fd_.get(), buffer_.data() + filled, count - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoStatus(errno, path_, "cannot read");
      if (got == 0) break;
      filled += static_cast<size_t>(got);
    }
    return std::string_view(buffer_.data(), filled);
  }
  Status SeekTo(uint64_t offset) const {
    const bool moved = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) >= 0;
    return moved ? OkStatus() : ErrnoStatus(errno, path_, "cannot read");
  }

 private:
  InputFile(fs::path path, UniqueFd fd, uint64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  fs::path path_;
  UniqueFd fd_;
  uint64_t size_;
  std::vector<char> buffer_;
};

// Leaves the file at the start of the packed database.
Result<SnapshotHeader> ReadHeader(InputFile& input, const fs::path& file) {
  CODERANK_ASSIGN(const std::string_view start, input.Read(SnapshotHeader::kMostBytes));
  CODERANK_ASSIGN(ParsedHeader parsed, ParseHeader(std::as_bytes(std::span(start)), file.native()));
  if (parsed.header.packed_bytes != input.size() - parsed.bytes) {
    return Corrupt(StrCat(file, ": expected ", parsed.header.packed_bytes,
                          " bytes after the header, found ", input.size() - parsed.bytes,
                          "; it was cut or changed on its way"));
  }
  CODERANK_TRY(input.SeekTo(parsed.bytes));
  return std::move(parsed.header);
}

Status PackingFailed(const fs::path& file, size_t code) {
  return ResourceExhausted(StrCat(file, ": cannot pack: ", ZSTD_getErrorName(code)));
}

// Appends what the packer makes of `input`.
Status Pack(ZSTD_CCtx* packer, std::string_view input, ZSTD_EndDirective directive, AtomicFile& out,
            const fs::path& file) {
  std::vector<char> block(kBlock);
  ZSTD_inBuffer in = {input.data(), input.size(), 0};
  for (;;) {
    ZSTD_outBuffer packed = {block.data(), block.size(), 0};
    const size_t left = ZSTD_compressStream2(packer, &packed, &in, directive);
    if (ZSTD_isError(left) != 0) return PackingFailed(file, left);
    CODERANK_TRY(out.Append({block.data(), packed.pos}));
    const bool done = directive == ZSTD_e_end ? left == 0 : in.pos == in.size;
    if (done) return OkStatus();
  }
}

// Takes a frame piece by piece, writes what is in it. Not thread-safe.
class Unpacker {
 public:
  Unpacker(const fs::path& file, const SnapshotHeader& header, AtomicFile& out)
      : file_(file), header_(header), out_(out), context_(ZSTD_createDCtx()), block_(kBlock) {
    if (context_ != nullptr) {
      ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMostWindowLog);
    }
  }

  Status Take(std::string_view piece) {
    if (context_ == nullptr) return ResourceExhausted(StrCat(file_, ": not enough memory"));
    ZSTD_inBuffer in = {piece.data(), piece.size(), 0};
    bool full = false;  // the block was: the frame may have more to give
    while (in.pos < in.size || full) {
      if (ended_) return Damaged("bytes after its end");
      ZSTD_outBuffer out = {block_.data(), block_.size(), 0};
      const size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(left) != 0) return Damaged(ZSTD_getErrorName(left));
      const std::string_view content(block_.data(), out.pos);
      if (out_.size() + content.size() > header_.database_bytes) return Damaged("too many bytes");
      hash_.Update(content);
      CODERANK_TRY(out_.Append(content));
      ended_ = left == 0;
      full = !ended_ && out.pos == out.size;
    }
    return OkStatus();
  }

  Status Finish() {
    if (!ended_ || out_.size() != header_.database_bytes) {
      return Damaged(StrCat(out_.size(), " bytes of ", header_.database_bytes));
    }
    if (hash_.Finish() != header_.sha256) return Damaged("another SHA-256");
    return OkStatus();
  }

 private:
  Status Damaged(std::string_view what) const {
    return Corrupt(StrCat(file_, ": the packed database is damaged: found ", what));
  }

  const fs::path& file_;
  const SnapshotHeader& header_;
  AtomicFile& out_;
  std::unique_ptr<ZSTD_DCtx, FreeUnpacker> context_;
  std::vector<char> block_;
  Sha256 hash_;
  bool ended_ = false;
};

}  // namespace

Result<SnapshotHeader> WriteSnapshot(const fs::path& database, SnapshotHeader header,
                                     const fs::path& file, const CancellationToken* cancel) {
  CODERANK_ASSIGN(InputFile input, InputFile::Open(database));
  header.database_bytes = input.size();
  const std::unique_ptr<ZSTD_CCtx, FreePacker> packer(ZSTD_createCCtx());
  if (packer == nullptr) return ResourceExhausted(StrCat(file, ": not enough memory to pack"));
  ZSTD_CCtx_setParameter(packer.get(), ZSTD_c_compressionLevel, kLevel);
  CODERANK_ASSIGN(AtomicFile out, AtomicFile::Create(file));
  const size_t header_bytes = EncodeHeader(header).size();
  CODERANK_TRY(out.Append(std::string(header_bytes, '\0')));
  Sha256 hash;
  for (;;) {
    if (IsCancelled(cancel)) return Cancelled("the export was cancelled");
    CODERANK_ASSIGN(const std::string_view piece, input.Read(kBlock));
    if (piece.empty()) break;
    hash.Update(piece);
    CODERANK_TRY(Pack(packer.get(), piece, ZSTD_e_continue, out, file));
  }
  CODERANK_TRY(Pack(packer.get(), {}, ZSTD_e_end, out, file));
  header.sha256 = hash.Finish();
  header.packed_bytes = out.size() - header_bytes;
  CODERANK_TRY(out.Overwrite(0, EncodeHeader(header)));
  CODERANK_TRY(out.Commit());
  return header;
}

Result<SnapshotHeader> ReadSnapshotHeader(const fs::path& file) {
  CODERANK_ASSIGN(InputFile input, InputFile::Open(file));
  return ReadHeader(input, file);
}

Result<SnapshotHeader> UnpackSnapshot(const fs::path& file, const fs::path& database,
                                      const CancellationToken* cancel) {
  CODERANK_ASSIGN(InputFile input, InputFile::Open(file));
  CODERANK_ASSIGN(SnapshotHeader header, ReadHeader(input, file));
  CODERANK_ASSIGN(AtomicFile out, AtomicFile::Create(database));
  Unpacker unpacker(file, header, out);
  for (uint64_t left = header.packed_bytes; left > 0;) {
    if (IsCancelled(cancel)) return Cancelled("unpacking was cancelled");
    CODERANK_ASSIGN(const std::string_view piece,
                    input.Read(static_cast<size_t>(std::min<uint64_t>(left, kBlock))));
    if (piece.empty()) break;
    left -= piece.size();
    CODERANK_TRY(unpacker.Take(piece));
  }
  CODERANK_TRY(unpacker.Finish());
  CODERANK_TRY(out.Commit());
  return header;
}

}  // namespace coderank
