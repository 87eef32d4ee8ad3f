// Walks a source tree and says, for every file, whether it is indexed and if not, which rule
// left it out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank {

struct WalkOptions {
  bool use_ignore_files = true;  // .gitignore, .coderankignore, git's excludes, built-in defaults
  bool include_hidden = false;
  bool include_secrets = false;
  uint64_t max_file_bytes = uint64_t{2} << 20;
  std::vector<std::string> extra_patterns;  // gitignore syntax, lowest row of the project file
};

struct WalkedFile {
  std::string path;  // relative to the root, '/' separated, valid UTF-8
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  uint64_t inode = 0;
};

enum class SkipReason {
  kIgnored,  // an ignore rule; `detail` is "<file>:<line>: <pattern>"
  kHidden,
  kSecret,
  kTooLarge,
  kBinary,
  kNotUtf8Name,
  kSymbolicLink,
  kNotRegular,  // sockets, devices, FIFOs
  kUnreadable,  // `detail` is the system's reason
};

std::string_view SkipReasonName(SkipReason reason);  // "ignored", "hidden", ...

struct SkippedEntry {
  std::string path;  // as in WalkedFile; ill-formed names are given with U+FFFD
  bool is_folder = false;
  SkipReason reason = SkipReason::kIgnored;
  std::string detail;
};

class WalkVisitor {
 public:
  virtual ~WalkVisitor() = default;
  virtual Status OnFile(const WalkedFile& file) = 0;  // an error ends the walk
  virtual void OnSkipped(const SkippedEntry& entry) = 0;
};

// Visits every file below `root` in the order of their paths' bytes. Never leaves the root:
// symbolic links are not followed. kBinary is not decided here but by ReadSourceFile.
Status Walk(const std::filesystem::path& root, const WalkOptions& options, WalkVisitor& visitor,
            const CancellationToken* cancel = nullptr);

// Why `relative` is or is not indexed: the entry that the walk would report for it or for the
// nearest folder above it, or no value when it would be visited.
struct PathVerdict {
  bool indexed = false;
  SkippedEntry skipped;  // meaningful when not indexed
};
Result<PathVerdict> ExplainPath(const std::filesystem::path& root, const WalkOptions& options,
                                const std::string& relative);

struct SourceFile {
  std::string content;  // valid UTF-8: ill-formed bytes were replaced by U+FFFD
  WalkedFile info;      // as of the descriptor the content was read from
  bool changed_while_reading = false;
};

// Reads a walked file beneath the root without following links out of it (openat2
// RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, or an equal walk where the kernel lacks it). A
// SkippedEntry when it is binary (a NUL byte in the first 8 KiB, or UTF-16/32), has grown too
// large or is no longer a regular file.
struct SourceReadResult {
  bool readable = false;
  SourceFile file;       // when readable
  SkippedEntry skipped;  // when not
};
Result<SourceReadResult> ReadSourceFile(const std::filesystem::path& root,
                                        const std::string& relative, const WalkOptions& options);

}  // namespace coderank
