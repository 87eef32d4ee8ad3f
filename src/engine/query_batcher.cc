#include "engine/query_batcher.h"

#include <utility>

namespace coderank {
namespace {

// Beyond some 16 queries of 16 tokens the encoder is bound by arithmetic, and company costs time.
constexpr size_t kMostQueries = 16;

}  // namespace

Result<Embedding> QueryBatcher::EmbedQuery(std::string_view text, const CancellationToken* cancel) {
  Waiting mine{.text = text, .cancel = cancel, .result = {}};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  changed_.wait(lock, [&] { return mine.result.has_value() || !running_; });
  while (!mine.result) {
    running_ = true;
    const std::vector<Waiting*> batch = TakeBatch();
    lock.unlock();
    std::vector<Answer> answers = Run(batch);
    lock.lock();
    // Not before: whoever waits looks at its answer whenever it wakes.
    for (size_t i = 0; i < batch.size(); ++i) batch[i]->result = std::move(answers[i]);
    running_ = false;
    changed_.notify_all();
  }
  return *std::move(mine.result);
}

// Precondition: the caller holds mutex_.
std::vector<QueryBatcher::Waiting*> QueryBatcher::TakeBatch() {
  std::vector<Waiting*> batch;
  while (!waiting_.empty() && batch.size() < kMostQueries) {
    batch.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return batch;
}

std::vector<QueryBatcher::Answer> QueryBatcher::Run(const std::vector<Waiting*>& batch) const {
  std::vector<Answer> answers(batch.size());
  std::vector<std::string_view> texts;
  std::vector<size_t> wanted;  // in batch
  for (size_t i = 0; i < batch.size(); ++i) {
    if (IsCancelled(batch[i]->cancel)) {
      answers[i] = Cancelled("embedding was cancelled");
    } else {
      wanted.push_back(i);
      texts.push_back(batch[i]->text);
    }
  }
  if (wanted.empty()) return answers;
  // One caller's cancellation must not end the others' work; a batch takes some milliseconds.
  auto embeddings = embedder_.Embed(TextRole::kQuery, texts, {}, nullptr);
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (embeddings) {
      answers[wanted[i]] = std::move((*embeddings)[i]);
    } else {
      answers[wanted[i]] = embeddings.error();
    }
  }
  return answers;
}

}  // namespace coderank
