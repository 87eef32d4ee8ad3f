#include "server/first_indexes.h"

#include <chrono>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::server {
namespace {

// How often a waiting caller looks whether its answer is still wanted.
constexpr std::chrono::milliseconds kLook{50};

std::string HowFar(const IndexProgress& progress) {
  switch (progress.phase) {
    case IndexProgress::Phase::kWaiting:
      return "another coderank writes it";
    case IndexProgress::Phase::kScanning:
    case IndexProgress::Phase::kReranking:  // no part of this
      break;
    case IndexProgress::Phase::kEmbedding:
    case IndexProgress::Phase::kFinishing:
      return StrCat(progress.chunks_done, " of ", progress.chunks_total, " vectors are made");
    case IndexProgress::Phase::kSending:
      return StrCat(progress.chunks_done, " of ", progress.chunks_total, " points are sent");
  }
  return StrCat(progress.files_seen, " files are read");
}

}  // namespace

// A run that was cancelled has no more to give: another takes its place.
Result<std::shared_ptr<FirstIndexes::Run>> FirstIndexes::Join(const IndexRequest& request,
                                                              bool keep) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Run>& place = runs_[request.directory.native()];
  if (place == nullptr || place->cancel.IsCancelled()) {
    auto run = std::make_shared<Run>();
    const Status begun = thread_.Begin([this, request, run] { Work(request, run); });
    if (!begun.ok()) {
      if (place == nullptr) runs_.erase(request.directory.native());
      return begun;
    }
    place = std::move(run);
  }
  place->kept = place->kept || keep;
  ++place->waiting;
  return place;
}

void FirstIndexes::Work(const IndexRequest& request, const std::shared_ptr<Run>& run) {
  const auto tell = [&](const IndexProgress& progress) {
    const std::lock_guard lock(mutex_);
    run->progress = progress;
    ++run->reports;
    changed_.notify_all();
  };
  Result<IndexReport> result = Cancelled("cancelled while other indexes were made");
  if (!run->cancel.IsCancelled()) result = build_(request, tell, &run->cancel);
  const std::lock_guard lock(mutex_);
  run->result = std::move(result);
  const auto place = runs_.find(request.directory.native());
  if (place != runs_.end() && place->second == run) runs_.erase(place);
  changed_.notify_all();
}

// Precondition: the caller holds mutex_, and has stopped waiting.
Status FirstIndexes::Leave(const IndexRequest& request, Run& run) {
  if (run.kept || run.waiting > 0) {
    return Unavailable(StrCat(request.directory, ": its index is being made (",
                              HowFar(run.progress), "); ask again in a while"));
  }
  run.cancel.Cancel();
  return Cancelled("cancelled while the index was made");
}

Result<IndexReport> FirstIndexes::Make(const IndexRequest& request, const CallContext& context) {
  CODERANK_ASSIGN(const std::shared_ptr<Run> run, Join(request, context.keeps_first_index));
  uint64_t told = 0;
  std::unique_lock lock(mutex_);
  while (!run->result && !IsCancelled(context.cancel)) {
    if (context.progress && run->reports > told) {
      told = run->reports;
      const IndexProgress progress = run->progress;
      lock.unlock();
      context.progress(progress);
      lock.lock();
      continue;
    }
    changed_.wait_for(lock, kLook);
  }
  --run->waiting;
  if (run->result) return *run->result;
  return Leave(request, *run);
}

void FirstIndexes::Stop() {
  const std::lock_guard lock(mutex_);
  for (const auto& [folder, run] : runs_) run->cancel.Cancel();
}

}  // namespace coderank::server
