#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/packed_file.h"
#include "model/packed_format.h"

namespace coderank {
namespace {

using packed_format::kAlignment;
using packed_format::kHeaderBytes;

template <typename T>
void AppendNumber(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  to.append(bytes, sizeof(T));
}

void AppendDigest(std::string& to, const Sha256Digest& digest) {
  to.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

// All bytes at `offset`; -1 and errno otherwise.
int WriteAll(int fd, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return -1;
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return 0;
}

}  // namespace

PackedFileWriter::PackedFileWriter(std::filesystem::path path, std::filesystem::path temporary,
                                   UniqueFd fd, const Sha256Digest& identity)
    : path_(std::move(path)),
      temporary_(std::move(temporary)),
      fd_(std::move(fd)),
      identity_(identity),
      size_(kHeaderBytes) {}

PackedFileWriter::~PackedFileWriter() {
  if (fd_.valid() && !temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<PackedFileWriter> PackedFileWriter::Create(const std::filesystem::path& path,
                                                  const Sha256Digest& identity) {
  std::string temporary = path.native() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot create the packed model");
  return PackedFileWriter(path, temporary, std::move(fd), identity);
}

Status PackedFileWriter::Append(std::span<const std::byte> bytes) {
  body_hash_.Update(bytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (WriteAll(fd_.get(), text, size_) != 0) {
    return ErrnoStatus(errno, temporary_, "cannot write the packed model");
  }
  size_ += bytes.size();
  return OkStatus();
}

Status PackedFileWriter::Add(const std::string& name, std::span<const std::byte> bytes) {
  constexpr std::array<std::byte, kAlignment> kZeros{};
  const size_t gap = (kAlignment - size_ % kAlignment) % kAlignment;
  CODERANK_TRY(Append(std::span(kZeros).first(gap)));
  entries_.push_back({.name = name, .offset = size_, .size = bytes.size()});
  return Append(bytes);
}

std::string PackedFileWriter::Directory() const {
  std::string directory;
  AppendNumber(directory, static_cast<uint32_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    AppendNumber(directory, static_cast<uint16_t>(entry.name.size()));
    directory += entry.name;
    AppendNumber(directory, entry.offset);
    AppendNumber(directory, entry.size);
  }
  return directory;
}

Status PackedFileWriter::Finish() {
  const std::string directory = Directory();
  // Whole seconds: what every file system keeps exactly, and what a later change will not hit.
  const timespec written{.tv_sec = std::time(nullptr), .tv_nsec = 0};
  std::string header(packed_format::kMagic);
  AppendNumber(header, packed_format::kVersion);
  AppendNumber(header, uint32_t{0});
  AppendDigest(header, identity_);
  AppendNumber(header, size_ + directory.size());
  AppendNumber(header, static_cast<int64_t>(written.tv_sec));
  AppendNumber(header, size_);
  AppendNumber(header, static_cast<uint64_t>(directory.size()));
  AppendDigest(header, body_hash_.Finish());
  AppendDigest(header, Sha256Of(header + directory));
  const timespec times[] = {written, written};
  if (WriteAll(fd_.get(), directory, size_) != 0 || WriteAll(fd_.get(), header, 0) != 0 ||
      ::fsync(fd_.get()) != 0 || ::futimens(fd_.get(), times) != 0 ||
      ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return ErrnoStatus(errno, path_, "cannot write the packed model");
  }
  temporary_.clear();
  return OkStatus();
}

}  // namespace coderank
