// Collects the replies to a batch: they go out together, when the last one is there.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "server/mcp/reply_sink.h"

namespace coderank::server::mcp {

// Thread-safe. Held by std::shared_ptr.
class BatchSink : public std::enable_shared_from_this<BatchSink> {
 public:
  explicit BatchSink(std::shared_ptr<ReplySink> whole) : whole_(std::move(whole)) {}

  // The sink of the next message of the batch.
  std::shared_ptr<ReplySink> ForOneMessage();
  // That message asks for no answer: its sink is never finished.
  void ExpectNothing();
  // No message follows. False when the batch asks for no answer at all.
  bool Close();

 private:
  class One;
  void Add(std::optional<Reply> reply);
  void Settle();  // with mutex_ held

  const std::shared_ptr<ReplySink> whole_;
  std::mutex mutex_;
  std::string replies_;  // joined by ','; guarded by mutex_, like the rest
  size_t expected_ = 0;  // messages that ask for an answer
  size_t settled_ = 0;   // of them have it, or were cancelled
  bool closed_ = false;
};

}  // namespace coderank::server::mcp
