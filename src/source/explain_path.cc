// ExplainPath: one path of the tree, judged as the walk would judge it on its way there.
#include <fcntl.h>

#include <optional>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "source/entry_judge.h"
#include "source/folder_reader.h"
#include "source/relative_path.h"
#include "source/walker.h"

namespace coderank {
namespace {

// Goes down one path as the walk would, asking the same questions.
class Explainer {
 public:
  Explainer(const std::filesystem::path& root, const WalkOptions& options)
      : root_(root), options_(options), judge_(root, options, problems_) {}

  Result<PathVerdict> Run(const std::vector<std::string>& parts) {
    const int error = folder_.Open(AT_FDCWD, root_.native(), true);
    if (error != 0) return ErrnoStatus(error, root_, "cannot read the folder");
    for (size_t depth = 1; depth <= parts.size(); ++depth) {
      judge_.EnterFolder(folder_, path_, problems_);
      if (!path_.empty()) path_ += '/';
      path_ += parts[depth - 1];
      CODERANK_ASSIGN(auto skipped, Step(parts[depth - 1], depth, depth == parts.size()));
      if (skipped) return PathVerdict{false, *std::move(skipped)};
    }
    return PathVerdict{true, {}};
  }

 private:
  Status Missing() const {
    return NotFound(StrCat(root_ / path_, ": no such file or folder in the tree"));
  }

  Result<std::optional<SkippedEntry>> Step(const std::string& name, size_t depth, bool last) {
    const FolderEntry* entry = folder_.Find(name);
    if (entry == nullptr) return Missing();
    const bool is_folder = entry->type == EntryType::kFolder;
    const Judgement judgement = judge_.Judge(path_, entry->type);
    std::optional<Skip> skip = judgement.skip;
    bool gone = false;
    if (!skip && is_folder) {
      FolderOpening opening = OpenFolder(judge_, folder_.fd(), name, depth, judgement);
      skip = std::move(opening.skip);
      gone = opening.gone;
      folder_ = std::move(opening.folder);
    } else if (!skip) {
      WalkedFile file;
      FileExamination examined = ExamineFile(folder_.fd(), name, options_, file);
      skip = std::move(examined.skip);
      gone = examined.gone || (!skip && !last);  // a file has nothing below it
    }
    if (gone) return Missing();
    if (!skip) return std::optional<SkippedEntry>();
    return std::optional(ToSkippedEntry(path_, is_folder, *std::move(skip)));
  }

  const std::filesystem::path& root_;
  const WalkOptions& options_;
  std::vector<SkippedEntry> problems_;  // reported by the walk; here they change nothing
  EntryJudge judge_;
  Folder folder_;
  std::string path_;
};

}  // namespace

Result<PathVerdict> ExplainPath(const std::filesystem::path& root, const WalkOptions& options,
                                const std::string& relative) {
  CODERANK_ASSIGN(const auto parts, SplitRelativePath(relative));
  return Explainer(root, options).Run(parts);
}

}  // namespace coderank
