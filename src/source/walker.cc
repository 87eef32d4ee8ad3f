#include "source/walker.h"

#include <fcntl.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "source/entry_judge.h"
#include "source/folder_reader.h"

namespace coderank {
namespace {

// A depth-first walk with a stack of its own, so that a deep tree costs heap and not C++ stack.
class Walker {
 public:
  Walker(const std::filesystem::path& root, const WalkOptions& options, WalkVisitor& visitor,
         const CancellationToken* cancel)
      : root_(root),
        options_(options),
        visitor_(visitor),
        cancel_(cancel),
        judge_(root, options, problems_) {}

  Status Run() {
    Folder folder;
    const int error = folder.Open(AT_FDCWD, root_.native(), true);
    if (error != 0) return ErrnoStatus(error, root_, "cannot read the folder");
    CODERANK_TRY(Push(std::move(folder)));
    while (!levels_.empty()) {
      if (IsCancelled(cancel_)) {
        return Cancelled(StrCat(root_, ": the walk was cancelled"));
      }
      if (levels_.back().next == levels_.back().folder.entries().size()) {
        Pop();
      } else {
        CODERANK_TRY(VisitNext());
      }
    }
    return OkStatus();
  }

 private:
  struct Level {
    Folder folder;
    size_t next = 0;           // the entry to visit
    size_t parent_length = 0;  // of path_ before this folder's name
    size_t mark = 0;           // for EntryJudge::LeaveFolder
  };

  Status Push(Folder folder, size_t parent_length = 0) {
    const size_t mark = judge_.EnterFolder(folder, path_, problems_);
    for (const SkippedEntry& problem : std::exchange(problems_, {})) visitor_.OnSkipped(problem);
    levels_.push_back({std::move(folder), 0, parent_length, mark});
    return visitor_.OnFolder(path_);
  }

  void Pop() {
    judge_.LeaveFolder(levels_.back().mark);
    path_.resize(levels_.back().parent_length);
    levels_.pop_back();
  }

  Status VisitNext() {
    Level& level = levels_.back();
    const FolderEntry& entry = level.folder.entries()[level.next++];
    const size_t parent_length = path_.size();
    if (!path_.empty()) path_ += '/';
    path_ += entry.name;
    Judgement judgement = judge_.Judge(path_, entry.type);
    if (judgement.skip) {
      Report(entry.type == EntryType::kFolder, *std::move(judgement.skip));
    } else if (entry.type == EntryType::kFolder) {
      CODERANK_ASSIGN(const bool entered,
                      EnterFolder(level.folder.fd(), entry.name, judgement, parent_length));
      if (entered) return OkStatus();
    } else {
      CODERANK_TRY(VisitFile(level.folder.fd(), entry.name));
    }
    path_.resize(parent_length);
    return OkStatus();
  }

  // False when the folder is not entered.
  Result<bool> EnterFolder(int parent, const std::string& name, const Judgement& by_name,
                           size_t parent_length) {
    FolderOpening opening = OpenFolder(judge_, parent, name, levels_.size(), by_name);
    if (opening.gone) return false;
    if (opening.skip) {
      Report(true, *std::move(opening.skip));
      return false;
    }
    CODERANK_TRY(Push(std::move(opening.folder), parent_length));
    return true;
  }

  Status VisitFile(int folder, const std::string& name) {
    WalkedFile file;
    FileExamination examined = ExamineFile(folder, name, options_, file);
    if (examined.gone) return OkStatus();
    if (examined.skip) {
      Report(false, *std::move(examined.skip));
      return OkStatus();
    }
    file.path = path_;
    return visitor_.OnFile(file);
  }

  void Report(bool is_folder, Skip skip) {
    visitor_.OnSkipped(ToSkippedEntry(path_, is_folder, std::move(skip)));
  }

  const std::filesystem::path& root_;
  const WalkOptions& options_;
  WalkVisitor& visitor_;
  const CancellationToken* cancel_;
  std::vector<SkippedEntry> problems_;
  EntryJudge judge_;
  std::vector<Level> levels_;
  std::string path_;  // of the entry being visited
};

}  // namespace

std::string_view SkipReasonName(SkipReason reason) {
  switch (reason) {
    case SkipReason::kIgnored:
      return "ignored";
    case SkipReason::kHidden:
      return "hidden";
    case SkipReason::kSecret:
      return "secret";
    case SkipReason::kTooLarge:
      return "too_large";
    case SkipReason::kBinary:
      return "binary";
    case SkipReason::kNotUtf8Name:
      return "not_utf8_name";
    case SkipReason::kSymbolicLink:
      return "symbolic_link";
    case SkipReason::kNotRegular:
      return "not_regular";
    case SkipReason::kUnreadable:
      return "unreadable";
  }
  return "unknown";
}

Status Walk(const std::filesystem::path& root, const WalkOptions& options, WalkVisitor& visitor,
            const CancellationToken* cancel) {
  return Walker(root, options, visitor, cancel).Run();
}

}  // namespace coderank
