// ReadSourceFile: the content of one file of the tree, or why it is not text to be indexed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "source/entry_judge.h"
#include "source/open_beneath.h"
#include "source/relative_path.h"
#include "source/walker.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// git and grep look as far for a NUL byte.
constexpr size_t kBinaryProbeBytes = size_t{8} << 10;

struct TextEncoding {
  std::string_view byte_order_mark;
  std::string_view name;
};

// UTF-32 first: its little-endian mark begins with UTF-16's.
constexpr std::array<TextEncoding, 4> kForeignEncodings{{
    {std::string_view("\xFF\xFE\0\0", 4), "UTF-32 text"},
    {std::string_view("\0\0\xFE\xFF", 4), "UTF-32 text"},
    {"\xFF\xFE", "UTF-16 text"},
    {"\xFE\xFF", "UTF-16 text"},
}};

std::optional<Skip> FindBinary(std::string_view content) {
  for (const TextEncoding& encoding : kForeignEncodings) {
    if (content.starts_with(encoding.byte_order_mark)) {
      return Skip{SkipReason::kBinary, StrCat(encoding.name, "; only UTF-8 is indexed")};
    }
  }
  const size_t nul = content.substr(0, kBinaryProbeBytes).find('\0');
  if (nul == std::string_view::npos) return std::nullopt;
  return Skip{SkipReason::kBinary, StrCat("a NUL byte at offset ", nul)};
}

Skip SkipForOpenError(int error) {
  if (error == ELOOP) return {SkipReason::kSymbolicLink, ""};
  if (error == ENXIO) return {SkipReason::kNotRegular, ""};  // a socket
  return {SkipReason::kUnreadable, std::generic_category().message(error)};
}

bool SameState(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ctim.tv_sec == b.st_ctim.tv_sec &&
         a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

Skip TooLarge(uint64_t limit) {
  return {SkipReason::kTooLarge, StrCat("the limit is ", limit, " bytes")};
}

// The file of `fd`, or why not.
std::optional<Skip> ReadText(int fd, const WalkOptions& options, SourceFile& file) {
  struct stat before {};
  struct stat after {};
  if (::fstat(fd, &before) != 0) return SkipForOpenError(errno);
  if (!S_ISREG(before.st_mode)) return Skip{SkipReason::kNotRegular, ""};
  if (static_cast<uint64_t>(before.st_size) > options.max_file_bytes) {
    return TooLarge(options.max_file_bytes);
  }
  // The limit holds while reading too: the file may grow.
  auto content = ReadDescriptor(fd, file.info.path, options.max_file_bytes);
  if (!content && content.error().code() == StatusCode::kResourceExhausted) {
    return TooLarge(options.max_file_bytes);
  }
  if (!content) return Skip{SkipReason::kUnreadable, content.error().message()};
  if (auto binary = FindBinary(*content)) return binary;
  if (::fstat(fd, &after) != 0) return SkipForOpenError(errno);
  file.changed_while_reading =
      !SameState(before, after) || content->size() != static_cast<uint64_t>(after.st_size);
  file.content = IsValidUtf8(*content) ? *std::move(content) : ToValidUtf8(*content);
  file.info.size = static_cast<uint64_t>(after.st_size);
  file.info.mtime_ns = int64_t{after.st_mtim.tv_sec} * 1'000'000'000 + after.st_mtim.tv_nsec;
  file.info.inode = after.st_ino;
  return std::nullopt;
}

SourceReadResult Skipped(const std::string& path, Skip skip) {
  return {false, {}, ToSkippedEntry(path, false, std::move(skip))};
}

}  // namespace

Result<SourceReadResult> ReadSourceFile(const std::filesystem::path& root,
                                        const std::string& relative, const WalkOptions& options) {
  CODERANK_ASSIGN(const auto parts, SplitRelativePath(relative));
  const UniqueFd folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return ErrnoStatus(errno, root, "cannot open the folder");
  if (!IsValidUtf8(relative)) return Skipped(relative, {SkipReason::kNotUtf8Name, ""});
  int error = 0;
  const UniqueFd fd = OpenBeneath(folder.get(), parts, error);
  if (!fd.valid()) return Skipped(relative, SkipForOpenError(error));
  SourceReadResult result;
  result.file.info.path = relative;
  if (auto skip = ReadText(fd.get(), options, result.file)) {
    return Skipped(relative, *std::move(skip));
  }
  result.readable = true;
  return result;
}

}  // namespace coderank
