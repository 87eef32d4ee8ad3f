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

// Walk and cursor go by path, so that they meet like two sorted lists.
class Comparer : public WalkVisitor {
 public:
  Comparer(FileCursor cursor, std::vector<SkippedRecord> skipped,
           std::optional<Clock::time_point> deadline)
      : cursor_(std::move(cursor)), deadline_(deadline) {
    for (SkippedRecord& record : skipped) {
      // Known to be unfit by its content, or by a reason that reading it would find again.
      const bool by_reading = record.mtime_ns != 0 || record.reason == "unreadable";
      if (by_reading) unfit_.emplace(record.path, std::move(record));
    }
  }

  Status OnFile(const WalkedFile& file) override {
    CODERANK_TRY(CheckTime());
    CODERANK_TRY(PassGone(&file.path));
    if (at_file_ && cursor_.path() == file.path) {
      if (!SameStamp(cursor_.stamp(), file)) {
        if (!MayBeSame(cursor_.stamp(), file)) ++comparison_.changed_files;
        List(file);
      }
      return Advance();
    }
    const auto unfit = unfit_.find(file.path);
    if (unfit != unfit_.end()) {
      const SkippedRecord& record = unfit->second;
      if (record.mtime_ns == 0 || SameStamp(record, file)) return OkStatus();
    }
    ++comparison_.new_files;
    List(file);
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
      ++comparison_.removed_files;
      if (comparison_.changes.size() < TreeComparison::kMostListed) {
        comparison_.changes.gone.push_back(cursor_.path());
      }
      CODERANK_TRY(Advance());
    }
    return OkStatus();
  }
  void List(const WalkedFile& file) {
    if (comparison_.changes.size() < TreeComparison::kMostListed) {
      comparison_.changes.present.push_back(file);
    }
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
  std::unordered_map<std::string, SkippedRecord> unfit_;
  std::optional<Clock::time_point> deadline_;
  uint64_t entries_ = 0;
  bool time_is_over_ = false;
  TreeComparison comparison_;
};

}  // namespace

Result<TreeComparison> CompareTree(const IndexStore& store, const std::filesystem::path& root,
                                   const WalkOptions& walk, std::chrono::milliseconds time_limit,
                                   const CancellationToken* cancel) {
  std::optional<Clock::time_point> deadline;
  if (time_limit.count() > 0) deadline = Clock::now() + time_limit;
  CODERANK_ASSIGN(FileCursor cursor, FileCursor::Open(store));
  CODERANK_ASSIGN(std::vector<SkippedRecord> skipped, store.Skipped());
  Comparer comparer(std::move(cursor), std::move(skipped), deadline);
  CODERANK_TRY(comparer.Begin());
  const Status walked = Walk(root, walk, comparer, cancel);
  if (!comparer.time_is_over()) {
    CODERANK_TRY(walked);
    CODERANK_TRY(comparer.Finish());
  }
  return comparer.Take();
}

Result<TreeChanges> ChangesAt(const IndexStore& store, const std::filesystem::path& root,
                              const WalkOptions& walk, std::span<const std::string> paths) {
  TreeChanges changes;
  for (const std::string& path : paths) {
    const auto verdict = ExplainPath(root, walk, path);
    if (!verdict && verdict.error().code() != StatusCode::kNotFound) return verdict.error();
    WalkedFile file{.path = path};
    struct stat info {};
    const bool present = verdict && verdict->indexed &&
                         ::lstat((root / path).c_str(), &info) == 0 && S_ISREG(info.st_mode);
    if (present) {
      file.size = static_cast<uint64_t>(info.st_size);
      file.mtime_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
      file.inode = info.st_ino;
    }
    CODERANK_ASSIGN(const auto known, store.FileAt(path));
    if (present && !(known && SameStamp(*known, file))) changes.present.push_back(std::move(file));
    if (!present && known) changes.gone.push_back(path);
  }
  return changes;
}

}  // namespace coderank
