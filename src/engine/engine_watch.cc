// Engine: keeping an index up to date while its tree changes.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"
#include "source/tree_watcher.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Vectors are made in turns, so that changes are noticed and others can write between them.
constexpr double kTurnSeconds = 10;
// Longer than others wait before they ask for the lock again (IndexLock::Acquire).
constexpr milliseconds kPause{250};
// Nothing to do: as long as the wait may be without a look at whether to stop.
constexpr milliseconds kIdle{60'000};
constexpr milliseconds kPollInterval{2000};
// Until a server that did not answer is asked again: doubled each time, up to kIdle.
constexpr milliseconds kFirstRetry{1000};

bool ChangedAnything(const IndexReport& report) {
  return report.files_added + report.files_changed + report.files_removed + report.chunks_embedded +
             report.chunks_from_cache >
         0;
}

}  // namespace

// One watch, from its first refresh to its end.
class Engine::State::TreeWatch {
 public:
  TreeWatch(State& state, const IndexRequest& request, const WatchSink& sink,
            const ProgressSink& progress, const CancellationToken* cancel)
      : state_(state), request_(request), sink_(sink), progress_(progress), cancel_(cancel) {
    request_.embedding_seconds = kTurnSeconds;
    request_.explain_budget = false;
  }

  Status Run() {
    CODERANK_TRY(Start());
    while (!IsCancelled(cancel_)) {
      auto events = watcher_->Wait(LongestWait(), cancel_);
      if (!events && events.error().code() == StatusCode::kResourceExhausted) {
        Poll(events.error());
        events = TreeEvents{.paths = {}, .everything = true};
      }
      if (!events) return events.error();
      const Status followed = Follow(*events);
      if (!followed.ok()) CODERANK_TRY(PassOver(followed));
    }
    return OkStatus();
  }

 private:
  milliseconds LongestWait() const {
    if (vectors_missing_) return kPause;
    if (!collection_behind_) return kIdle;
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(ask_again_at_ - Clock::now()));
  }

  // A refresh can fail for a reason that goes away, such as a project file that is being written.
  Status PassOver(const Status& failure) {
    std::error_code ignored;
    const bool is_gone = !std::filesystem::is_directory(location_.root, ignored);
    if (is_gone || failure.code() == StatusCode::kCancelled) return failure;
    state_.Note(StrCat("not refreshed, waiting for the next change: ", failure.message()));
    vectors_missing_ = false;
    missed_ = true;
    ask_again_at_ = Clock::now() + kIdle;
    return OkStatus();
  }

  // The watch begins before the first look at the tree, so that no change falls in between.
  Status Start() {
    CODERANK_ASSIGN(const Config user_config, state_.ConfigFor({}));
    std::vector<std::string> notes;
    CODERANK_ASSIGN(location_, state_.LocatorFor(user_config).ForRoot(request_.directory, notes));
    switches_ = WalkSwitches(request_);
    CODERANK_ASSIGN(const Config config, state_.ConfigFor(location_.root));
    auto watcher = MakeInotifyWatcher(location_.root, WalkOptionsOf(config, switches_));
    if (watcher) {
      watcher_ = *std::move(watcher);
    } else {
      Poll(watcher.error());
    }
    CODERANK_ASSIGN(const IndexReport report, RefreshAll());
    CODERANK_ASSIGN(location_, state_.LocatorFor(user_config).ForRoot(request_.directory, notes));
    Tell(report, /*first=*/true);
    return OkStatus();
  }

  void Poll(const Status& reason) {
    state_.Note(StrCat("the tree is looked at every ", kPollInterval.count() / 1000,
                       " seconds, because changes are not reported: ", reason.message()));
    watcher_ = MakePollWatcher(kPollInterval);
  }

  // Engine::Index, which the collection's server cannot stop.
  Result<IndexReport> RefreshAll() {
    state_.notes.clear();
    auto report = state_.Build(request_, progress_, cancel_, /*may_lag=*/true);
    if (!report) return report;
    report->notes = std::move(state_.notes);
    left_in_files_ = report->collection_behind && !report->collection;
    // By a setting only new indexes go to a collection, and this is none any more.
    if (left_in_files_) request_.store = VectorStore::kQdrant;
    return report;
  }

  Status Follow(const TreeEvents& events) {
    // A turn for vectors asks the server by itself.
    const bool asks_again =
        collection_behind_ && !vectors_missing_ && Clock::now() >= ask_again_at_;
    if (events.empty() && !vectors_missing_ && !asks_again) return OkStatus();
    CODERANK_ASSIGN(const Config config, state_.ConfigFor(location_.root));
    TreeChanges changes;
    bool whole_tree = std::exchange(missed_, false) || left_in_files_ || asks_again;
    if (!events.empty() && !whole_tree) {
      const auto store = OpenIndexForReading(location_);
      whole_tree = !store;  // removed meanwhile, say: made again
      if (store) CODERANK_TRY(Compare(*store, config, events, changes, whole_tree));
      if (changes.empty() && !whole_tree && !vectors_missing_) return OkStatus();
    }
    if (whole_tree) {
      CODERANK_ASSIGN(const IndexReport report, RefreshAll());
      Tell(report, /*first=*/false);
      return OkStatus();
    }
    return Refresh(config, changes);
  }

  Status Compare(const IndexStore& store, const Config& config, const TreeEvents& events,
                 TreeChanges& changes, bool& whole_tree) const {
    const WalkOptions walk = WalkOptionsOf(config, switches_);
    if (!events.everything) {
      CODERANK_ASSIGN(TreeComparison at, CompareAt(store, location_.root, walk, events.paths));
      changes = std::move(at.changes);
      return OkStatus();
    }
    CODERANK_ASSIGN(const TreeComparison found,
                    CompareTree(store, location_.root, walk, milliseconds(0), cancel_));
    whole_tree = !found.changes.empty();
    return OkStatus();
  }

  Status Refresh(const Config& config, const TreeChanges& changes) {
    const auto on_wait = [this] { return !IsCancelled(cancel_); };
    CODERANK_ASSIGN(const Config user_config, state_.ConfigFor({}));
    CODERANK_ASSIGN(IndexStore store,
                    OpenIndexForWriting(state_.LocatorFor(user_config), location_, on_wait));
    CODERANK_ASSIGN(const IndexReport report, state_.RunIndexer(store,
                                                                {.location = location_,
                                                                 .config = config,
                                                                 .walk_switches = switches_,
                                                                 .embedding_seconds = kTurnSeconds,
                                                                 .changes = &changes,
                                                                 .explain_budget = false,
                                                                 .may_lag = true},
                                                                progress_, cancel_));
    Tell(report, /*first=*/false);
    return OkStatus();
  }

  void Tell(const IndexReport& report, bool first) {
    const Coverage& coverage = report.coverage;
    vectors_missing_ = !report.model.empty() && coverage.embedded_chunks < coverage.chunks;
    const bool was_behind = std::exchange(collection_behind_, report.collection_behind);
    retry_ = was_behind && collection_behind_ ? std::min(2 * retry_, kIdle) : kFirstRetry;
    ask_again_at_ = Clock::now() + retry_;
    const bool is_news = first || was_behind != collection_behind_ || ChangedAnything(report);
    if (!is_news) return;
    sink_({.watcher = std::string(watcher_->name()), .first = first, .report = report});
  }

  State& state_;
  IndexRequest request_;
  const WatchSink& sink_;
  const ProgressSink& progress_;
  const CancellationToken* cancel_;
  IndexLocation location_;
  std::string switches_;
  std::unique_ptr<TreeWatcher> watcher_;
  bool vectors_missing_ = false;
  bool missed_ = false;  // changes that a refresh failed to take in
  bool collection_behind_ = false;
  bool left_in_files_ = false;  // vectors that are to go to a collection
  milliseconds retry_ = kFirstRetry;
  Clock::time_point ask_again_at_;
};

Status Engine::Watch(const IndexRequest& request, const WatchSink& sink,
                     const ProgressSink& progress, const CancellationToken* cancel) {
  const Status ended = State::TreeWatch(*state_, request, sink, progress, cancel).Run();
  return IsCancelled(cancel) && ended.code() == StatusCode::kCancelled ? OkStatus() : ended;
}

}  // namespace coderank
