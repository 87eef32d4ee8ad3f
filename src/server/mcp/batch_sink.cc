#include "server/mcp/batch_sink.h"

#include <utility>

namespace coderank::server::mcp {

class BatchSink::One : public ReplySink {
 public:
  explicit One(std::shared_ptr<BatchSink> batch) : batch_(std::move(batch)) {}
  void Notify(const std::string& text) override {
    const std::lock_guard lock(batch_->mutex_);
    batch_->whole_->Notify(text);
  }
  void Finish(std::optional<Reply> reply) override { batch_->Add(std::move(reply)); }

 private:
  const std::shared_ptr<BatchSink> batch_;
};

std::shared_ptr<ReplySink> BatchSink::ForOneMessage() {
  const std::lock_guard lock(mutex_);
  ++expected_;
  return std::make_shared<One>(shared_from_this());
}

void BatchSink::ExpectNothing() {
  const std::lock_guard lock(mutex_);
  --expected_;
}

bool BatchSink::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  if (expected_ == 0) return false;
  Settle();
  return true;
}

void BatchSink::Add(std::optional<Reply> reply) {
  const std::lock_guard lock(mutex_);
  ++settled_;
  if (reply) {
    if (!replies_.empty()) replies_ += ',';
    replies_ += reply->text;
  }
  if (closed_) Settle();
}

void BatchSink::Settle() {
  if (settled_ < expected_) return;
  if (replies_.empty()) return whole_->Finish(std::nullopt);  // all were cancelled
  whole_->Finish(Reply{.text = "[" + replies_ + "]", .error_code = {}});
}

}  // namespace coderank::server::mcp
