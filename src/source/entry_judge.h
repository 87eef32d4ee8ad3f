// EntryJudge: decides for one entry at a time whether a walk takes it, so that the walk and its
// explanation cannot differ. The caller goes down a tree and tells the judge each folder it enters
// and leaves.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "source/folder_reader.h"
#include "source/rule_stack.h"
#include "source/walker.h"

namespace coderank {

struct Skip {
  SkipReason reason = SkipReason::kIgnored;
  std::string detail;
};

SkippedEntry ToSkippedEntry(std::string_view path, bool is_folder, Skip skip);

struct Judgement {
  std::optional<Skip> skip;
  bool reincluded = false;  // a negated rule asked for it by name
};

// Not thread-safe.
class EntryJudge {
 public:
  // Reads the rules that lie outside of the root. `problems` receives rule files that exist and
  // cannot be read: they are worth a report and no more.
  EntryJudge(const std::filesystem::path& root, const WalkOptions& options,
             std::vector<SkippedEntry>& problems);

  // By name and type alone. `relative` is the entry's path from the root.
  Judgement Judge(std::string_view relative, EntryType type);

  // Whether a folder that is open already is to be left: a generated one, known by its marker.
  std::optional<Skip> JudgeContent(const Folder& folder, const Judgement& by_name) const;

  // Applies the ignore files in `folder` (of path `relative`, "" for the root) from now on.
  // Returns the mark for LeaveFolder.
  size_t EnterFolder(const Folder& folder, std::string_view relative,
                     std::vector<SkippedEntry>& problems);
  void LeaveFolder(size_t mark) { stack_.Truncate(mark); }

 private:
  void PushOutsideFiles(const std::filesystem::path& root, std::vector<SkippedEntry>& problems);
  // `extra_flags` are flags of open().
  void PushOutsideFile(const std::filesystem::path& file, size_t base, int extra_flags,
                       std::vector<SkippedEntry>& problems);
  bool IsSecret(std::string_view relative, bool is_folder, std::string& detail) const;

  WalkOptions options_;
  IgnoreRules secrets_;
  RuleStack stack_;
  // The path that rules see: from the top of the git repository, or from the root outside of one.
  std::string path_;
  size_t root_length_ = 0;  // of the part of path_ before the root, with its '/'
};

// A folder that its name did not exclude, opened; to be entered when neither gone nor skipped.
struct FolderOpening {
  Folder folder;
  bool gone = false;
  std::optional<Skip> skip;
};
// `depth` is the folder's number of names below the root.
FolderOpening OpenFolder(const EntryJudge& judge, int parent, const std::string& name, size_t depth,
                         const Judgement& by_name);

// What a look at one file's size and times gave; `file` is set when it is neither gone nor skipped.
struct FileExamination {
  bool gone = false;
  std::optional<Skip> skip;
};
FileExamination ExamineFile(int folder, const std::string& name, const WalkOptions& options,
                            WalkedFile& file);

}  // namespace coderank
