// Walks a source tree and says, for every file, whether it is indexed and if not, which rule
// left it out.
//
// Rules in rising precedence: built-in defaults, git's global excludes, the user's
// $XDG_CONFIG_HOME/coderank/ignore, .git/info/exclude, the .gitignore and .coderankignore files of
// the folders from the top of the git repository down to the root's parent, extra_patterns, and
// the same two files of the root and of each folder below it. A .gitignore counts outside of a
// repository too, and the rules of the outside go on counting inside a nested one. Hidden entries
// (".name") are left out unless a negated rule names them. Secrets, version control folders and
// ".coderank" cannot be brought back by a rule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
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
  // gitignore syntax, as from a project file; "project file:<n>" in details. They apply with
  // use_ignore_files off too: whoever passes them means them.
  std::vector<std::string> extra_patterns;

  bool operator==(const WalkOptions&) const = default;
};

struct WalkedFile {
  std::string path;  // relative to the root, '/' separated, valid UTF-8
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  uint64_t inode = 0;
};

enum class SkipReason {
  kIgnored,  // an ignore rule; `detail` is "<file>:<line>: <pattern>", or "built-in: <what>"
  kHidden,
  kSecret,  // `detail` names the built-in rule
  kTooLarge,
  kBinary,
  kNotUtf8Name,
  kSymbolicLink,
  kNotRegular,  // sockets, devices, FIFOs
  kUnreadable,  // `detail` is the system's reason, or says that folders nest too deep
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
  // An excluded folder is reported once, and nothing below it. A file of ignore rules that cannot
  // be read is reported here as kUnreadable, beside what the walk says about the file itself.
  virtual void OnSkipped(const SkippedEntry& entry) = 0;
  // A folder is entered; "" is the root. An error ends the walk.
  virtual Status OnFolder(const std::string& path) {
    (void)path;
    return OkStatus();
  }
};

// Folders nested deeper than this below the root are reported and not entered. It bounds the open
// descriptors (one a level) and ends loops made by bind mounts.
inline constexpr size_t kMaximumFolderDepth = 256;

// Visits every file below `root` in the order of their paths' bytes. Never leaves the root:
// symbolic links are not followed. kBinary is not decided here but by ReadSourceFile. What vanishes
// during the walk is passed over. Fails when the root cannot be read, when the visitor fails, and
// with kCancelled.
Status Walk(const std::filesystem::path& root, const WalkOptions& options, WalkVisitor& visitor,
            const CancellationToken* cancel = nullptr);

// Why `relative` is or is not indexed: the entry that the walk would report for it or for the
// nearest folder above it. A folder is "indexed" when it would be entered. kNotFound when there is
// no such entry, kInvalidArgument when `relative` leads out of the root.
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
// large, cannot be read or is no longer a regular file; fails when the root cannot be opened or
// `relative` leads out of it. A UTF-8 byte order mark stays in the content, so that offsets are the
// file's; chunkers count it as blank.
struct SourceReadResult {
  bool readable = false;
  SourceFile file;       // when readable
  SkippedEntry skipped;  // when not
};
Result<SourceReadResult> ReadSourceFile(const std::filesystem::path& root,
                                        const std::string& relative, const WalkOptions& options);

}  // namespace coderank
