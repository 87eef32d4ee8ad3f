#include <algorithm>
#include <thread>

#include "source/tree_watcher.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;

// How soon a cancelled wait ends.
constexpr std::chrono::milliseconds kStep{50};

class PollWatcher : public TreeWatcher {
 public:
  explicit PollWatcher(std::chrono::milliseconds interval) : interval_(interval) {}

  std::string_view name() const override { return "poll"; }

  Result<TreeEvents> Drain() override { return TreeEvents{.paths = {}, .everything = true}; }
  Status Renew() override { return OkStatus(); }

  Result<TreeEvents> Wait(std::chrono::milliseconds timeout,
                          const CancellationToken* cancel) override {
    const auto due = last_ + interval_;
    const auto end = std::min(due, Clock::now() + timeout);
    while (Clock::now() < end) {
      if (IsCancelled(cancel)) return TreeEvents{};
      std::this_thread::sleep_for(kStep);
    }
    if (Clock::now() < due) return TreeEvents{};
    last_ = Clock::now();
    return TreeEvents{.paths = {}, .everything = true};
  }

 private:
  std::chrono::milliseconds interval_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace

std::unique_ptr<TreeWatcher> MakePollWatcher(std::chrono::milliseconds interval) {
  return std::make_unique<PollWatcher>(interval);
}

}  // namespace coderank
