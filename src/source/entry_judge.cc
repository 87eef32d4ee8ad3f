#include "source/entry_judge.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/ascii.h"
#include "base/file.h"
#include "base/strings.h"
#include "source/default_rules.h"
#include "source/git_excludes.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// A quarter of a megabyte is far above hand-written files and bounds the time a hostile one costs.
constexpr uint64_t kMaximumRuleFileBytes = uint64_t{256} << 10;

// In rising precedence.
constexpr std::array<const char*, 2> kRuleFiles{".gitignore", ".coderankignore"};

// https://bford.info/cachedir/: what a cache's CACHEDIR.TAG has to begin with.
constexpr std::string_view kCacheTag = "Signature: 8a477f597d28d172789f06886806bc55";

Result<std::string> ReadRuleFile(int folder, const char* path, int extra_flags) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | extra_flags;
  const UniqueFd fd(::openat(folder, path, flags));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot open");
  return ReadDescriptor(fd.get(), path, kMaximumRuleFileBytes);
}

SkippedEntry RuleProblem(std::string_view path, const Status& status) {
  return {ToValidUtf8(path), false, SkipReason::kUnreadable,
          StrCat("its ignore rules are not applied: ", status.message())};
}

bool IsCacheFolder(const Folder& folder) {
  if (folder.Find("CACHEDIR.TAG") == nullptr) return false;
  const auto tag = ReadRuleFile(folder.fd(), "CACHEDIR.TAG", O_NOFOLLOW);
  return tag && tag->starts_with(kCacheTag);
}

Skip UnreadableSkip(int error) {
  return {SkipReason::kUnreadable, std::generic_category().message(error)};
}

Skip TooDeepSkip() {
  return {SkipReason::kUnreadable, StrCat("more than ", kMaximumFolderDepth, " folders deep")};
}

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

SkippedEntry ToSkippedEntry(std::string_view path, bool is_folder, Skip skip) {
  return {ToValidUtf8(path), is_folder, skip.reason, std::move(skip.detail)};
}

EntryJudge::EntryJudge(const std::filesystem::path& root, const WalkOptions& options,
                       std::vector<SkippedEntry>& problems)
    : options_(options), secrets_(SecretRules()) {
  if (options_.use_ignore_files) stack_.Push(BuiltInRules(), 0);
  if (options_.use_ignore_files) PushOutsideFiles(root, problems);
  std::string patterns;
  for (const std::string& pattern : options_.extra_patterns) patterns += pattern + "\n";
  stack_.Push(IgnoreRules::Parse(patterns, "project file"), root_length_);
}

void EntryJudge::PushOutsideFiles(const std::filesystem::path& root,
                                  std::vector<SkippedEntry>& problems) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::canonical(root, failed);
  const std::filesystem::path git_root = failed ? absolute : FindGitRoot(absolute);
  if (!git_root.empty() && git_root != absolute) {
    path_ = absolute.lexically_relative(git_root).native() + "/";
    root_length_ = path_.size();
  }
  // The user's own files may be links, as in git; those of a checkout may not: a link could name
  // any file of the machine, whose lines would then show up as rules.
  PushOutsideFile(GlobalExcludesPath(), 0, 0, problems);
  if (const auto folder = UserConfigFolder(); !folder.empty()) {
    PushOutsideFile(folder / "coderank" / "ignore", root_length_, 0, problems);
  }
  if (git_root.empty()) return;
  PushOutsideFile(InfoExcludePath(git_root), 0, O_NOFOLLOW, problems);
  for (size_t base = 0; base < root_length_; base = path_.find('/', base) + 1) {
    for (const char* name : kRuleFiles) {
      PushOutsideFile(git_root / path_.substr(0, base) / name, base, O_NOFOLLOW, problems);
    }
  }
}

void EntryJudge::PushOutsideFile(const std::filesystem::path& file, size_t base, int extra_flags,
                                 std::vector<SkippedEntry>& problems) {
  if (file.empty()) return;
  const auto text = ReadRuleFile(AT_FDCWD, file.c_str(), extra_flags);
  if (text) {
    stack_.Push(IgnoreRules::Parse(*text, file.native()), base);
  } else if (text.error().code() != StatusCode::kNotFound) {
    problems.push_back(RuleProblem(file.native(), text.error()));
  }
}

bool EntryJudge::IsSecret(std::string_view relative, bool is_folder, std::string& detail) const {
  const IgnoreRule* rule = secrets_.LastMatch(AsciiLower(relative), is_folder);
  if (rule == nullptr || rule->negated || rule->folders_only != is_folder) return false;
  detail = secrets_.Describe(*rule);
  return true;
}

Judgement EntryJudge::Judge(std::string_view relative, EntryType type) {
  const std::string_view name = NameOf(relative);
  const bool is_folder = type == EntryType::kFolder;
  std::string detail;
  if (!IsValidUtf8(name)) return {Skip{SkipReason::kNotUtf8Name, ""}};
  if (IsAlwaysExcluded(name)) return {Skip{SkipReason::kIgnored, StrCat("built-in: ", name)}};
  if (type == EntryType::kLink) return {Skip{SkipReason::kSymbolicLink, ""}};
  if (type == EntryType::kOther) return {Skip{SkipReason::kNotRegular, ""}};
  if (!options_.include_secrets && IsSecret(relative, is_folder, detail)) {
    return {Skip{SkipReason::kSecret, detail}};
  }
  path_.resize(root_length_);
  path_ += relative;
  const RuleStack::Decision decision = stack_.Decide(path_, is_folder);
  if (decision.rule != nullptr) {
    if (decision.rule->negated) return {std::nullopt, true};
    return {Skip{SkipReason::kIgnored, decision.rules->Describe(*decision.rule)}};
  }
  if (!options_.include_hidden && name.starts_with('.')) return {Skip{SkipReason::kHidden, ""}};
  return {};
}

std::optional<Skip> EntryJudge::JudgeContent(const Folder& folder, const Judgement& by_name) const {
  if (!options_.use_ignore_files || by_name.reincluded) return std::nullopt;
  std::string_view marker;
  if (folder.Find("pyvenv.cfg") != nullptr) {
    marker = "pyvenv.cfg (Python virtual environment)";
  } else if (folder.Find("CMakeCache.txt") != nullptr && folder.Find("CMakeLists.txt") == nullptr) {
    marker = "CMakeCache.txt (CMake build folder)";
  } else if (IsCacheFolder(folder)) {
    marker = "CACHEDIR.TAG (cache)";
  } else {
    return std::nullopt;
  }
  return Skip{SkipReason::kIgnored, StrCat("built-in: a folder with ", marker)};
}

size_t EntryJudge::EnterFolder(const Folder& folder, std::string_view relative,
                               std::vector<SkippedEntry>& problems) {
  const size_t mark = stack_.size();
  if (!options_.use_ignore_files) return mark;
  const std::string prefix = relative.empty() ? "" : StrCat(relative, "/");
  for (const char* name : kRuleFiles) {
    if (folder.Find(name) == nullptr) continue;
    auto text = ReadRuleFile(folder.fd(), name, O_NOFOLLOW);
    const std::string path = prefix + name;
    if (text) {
      stack_.Push(IgnoreRules::Parse(*text, path), root_length_ + prefix.size());
    } else {
      problems.push_back(RuleProblem(path, text.error()));
    }
  }
  return mark;
}

FolderOpening OpenFolder(const EntryJudge& judge, int parent, const std::string& name, size_t depth,
                         const Judgement& by_name) {
  FolderOpening opening;
  if (depth > kMaximumFolderDepth) {
    opening.skip = TooDeepSkip();
    return opening;
  }
  const int error = opening.folder.Open(parent, name, false);
  opening.gone = error == ENOENT;
  if (error != 0) {
    opening.skip = UnreadableSkip(error);
  } else {
    opening.skip = judge.JudgeContent(opening.folder, by_name);
  }
  return opening;
}

FileExamination ExamineFile(int folder, const std::string& name, const WalkOptions& options,
                            WalkedFile& file) {
  struct stat info {};
  if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {true, std::nullopt};
    return {false, UnreadableSkip(errno)};
  }
  if (S_ISLNK(info.st_mode)) return {false, Skip{SkipReason::kSymbolicLink, ""}};
  if (!S_ISREG(info.st_mode)) return {false, Skip{SkipReason::kNotRegular, ""}};
  file.size = static_cast<uint64_t>(info.st_size);
  file.mtime_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  file.inode = info.st_ino;
  if (file.size > options.max_file_bytes) {
    return {false, Skip{SkipReason::kTooLarge,
                        StrCat(file.size, " bytes; the limit is ", options.max_file_bytes)}};
  }
  return {};
}

}  // namespace coderank
