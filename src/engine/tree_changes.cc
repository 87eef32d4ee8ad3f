#include "engine/tree_changes.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <optional>
#include <unordered_map>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/file_stamps.h"
#include "store/file_cursor.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;

// Looking at the clock is cheap beside this many stats.
constexpr uint64_t kEntriesPerLook = 64;

// Files that are not indexed for what they hold.
class UnfitFiles {
 public:
  static Result<UnfitFiles> Of(const IndexStore& store) {
    CODERANK_ASSIGN(std::vector<SkippedRecord> skipped, store.Skipped());
    UnfitFiles files;
    for (SkippedRecord& record : skipped) {
      // Known to be unfit by its content, or by a reason that reading it would find again.
      const bool by_reading = record.mtime_ns != 0 || record.reason == "unreadable";
      if (by_reading) files.records_.emplace(record.path, std::move(record));
    }
    return files;
  }

  bool Has(const WalkedFile& file) const {
    const auto found = records_.find(file.path);
    if (found == records_.end()) return false;
    return found->second.mtime_ns == 0 || SameStamp(found->second, file);
  }

 private:
  std::unordered_map<std::string, SkippedRecord> records_;
};

void List(const WalkedFile& file, TreeComparison& comparison) {
  if (comparison.changes.size() < TreeComparison::kMostListed) {
    comparison.changes.present.push_back(file);
  }
}

void AddNew(const WalkedFile& file, TreeComparison& comparison) {
  ++comparison.new_files;
  List(file, comparison);
}

// A file that is indexed as `known`.
void AddIndexed(const WalkedFile& file, const FileStamp& known, TreeComparison& comparison) {
  if (SameStamp(known, file)) return;
  if (!MayBeSame(known, file)) ++comparison.changed_files;
  List(file, comparison);
}

void AddRemoved(const std::string& path, TreeComparison& comparison) {
  ++comparison.removed_files;
  if (comparison.changes.size() < TreeComparison::kMostListed) {
    comparison.changes.gone.push_back(path);
  }
}

// Walk and cursor go by path, so that they meet like two sorted lists.
class Comparer : public WalkVisitor {
 public:
  Comparer(FileCursor cursor, UnfitFiles unfit, std::optional<Clock::time_point> deadline)
      : cursor_(std::move(cursor)), unfit_(std::move(unfit)), deadline_(deadline) {}

  Status OnFile(const WalkedFile& file) override {
    CODERANK_TRY(CheckTime());
    CODERANK_TRY(PassGone(&file.path));
    if (at_file_ && cursor_.path() == file.path) {
      AddIndexed(file, cursor_.stamp(), comparison_);
      return Advance();
    }
    if (!unfit_.Has(file)) AddNew(file, comparison_);
    return OkStatus();
  }
  void OnSkipped(const SkippedEntry&) override {}
  Status OnFolder(const std::string&) override { return CheckTime(); }

  Status Begin() { return Advance(); }
  // After the walk: what is left in the index is gone from the tree.
  Status Finish() {
    CODERANK_TRY(PassGone(nullptr));
    comparison_.complete = true;
    return OkStatus();
  }
  bool time_is_over() const { return time_is_over_; }
  TreeComparison Take() { return std::move(comparison_); }

 private:
  Status Advance() {
    CODERANK_ASSIGN(at_file_, cursor_.Next());
    return OkStatus();
  }
  // Indexed files before `path`, or all that are left.
  Status PassGone(const std::string* path) {
    while (at_file_ && (path == nullptr || cursor_.path() < *path)) {
      AddRemoved(cursor_.path(), comparison_);
      CODERANK_TRY(Advance());
    }
    return OkStatus();
  }
  Status CheckTime() {
    if (++entries_ % kEntriesPerLook != 0 || !deadline_ || Clock::now() < *deadline_) {
      return OkStatus();
    }
    time_is_over_ = true;
    return Cancelled("the time for looking at the tree is over");
  }

  FileCursor cursor_;
  bool at_file_ = false;
  UnfitFiles unfit_;
  std::optional<Clock::time_point> deadline_;
  uint64_t entries_ = 0;
  bool time_is_over_ = false;
  TreeComparison comparison_;
};

// No value where the walk would not give the file.
Result<std::optional<WalkedFile>> FileOfWalk(const std::filesystem::path& root,
                                             const WalkOptions& walk, const std::string& path) {
  const auto verdict = ExplainPath(root, walk, path);
  if (!verdict && verdict.error().code() != StatusCode::kNotFound) return verdict.error();
  struct stat info {};
  const bool present = verdict && verdict->indexed && ::lstat((root / path).c_str(), &info) == 0 &&
                       S_ISREG(info.st_mode);
  if (!present) return std::optional<WalkedFile>();
  return std::optional<WalkedFile>(
      {.path = path,
       .size = static_cast<uint64_t>(info.st_size),
       .mtime_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec,
       .inode = info.st_ino});
}

}  // namespace

Result<TreeComparison> CompareTree(const IndexStore& store, const std::filesystem::path& root,
                                   const WalkOptions& walk, std::chrono::milliseconds time_limit,
                                   const CancellationToken* cancel) {
  std::optional<Clock::time_point> deadline;
  if (time_limit.count() > 0) deadline = Clock::now() + time_limit;
  CODERANK_ASSIGN(FileCursor cursor, FileCursor::Open(store));
  CODERANK_ASSIGN(UnfitFiles unfit, UnfitFiles::Of(store));
  Comparer comparer(std::move(cursor), std::move(unfit), deadline);
  CODERANK_TRY(comparer.Begin());
  const Status walked = Walk(root, walk, comparer, cancel);
  if (!comparer.time_is_over()) {
    CODERANK_TRY(walked);
    CODERANK_TRY(comparer.Finish());
  }
  return comparer.Take();
}

Result<TreeComparison> CompareAt(const IndexStore& store, const std::filesystem::path& root,
                                 const WalkOptions& walk, std::span<const std::string> paths) {
  CODERANK_ASSIGN(const UnfitFiles unfit, UnfitFiles::Of(store));
  TreeComparison comparison{.complete = true};
  for (const std::string& path : paths) {
    CODERANK_ASSIGN(const auto file, FileOfWalk(root, walk, path));
    CODERANK_ASSIGN(const auto known, store.FileAt(path));
    if (!file && known) AddRemoved(path, comparison);
    if (file && known) AddIndexed(*file, *known, comparison);
    if (file && !known && !unfit.Has(*file)) AddNew(*file, comparison);
  }
  return comparison;
}

}  // namespace coderank
