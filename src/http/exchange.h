// An exchange: one request and what is answered to it, at once or piece by piece.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "coderank/cancellation.h"
#include "http/message.h"

namespace coderank::http {

// Why the answer is not wanted any more.
enum class EndedBy { kNobody, kClient, kDeadline, kServer };

// Between the handler, on any thread, and the connection, on the server's. All calls are
// thread-safe.
class ExchangeState {
 public:
  ExchangeState(Request request, std::function<void()> wake)
      : request_(std::move(request)), wake_(std::move(wake)) {}

  // --- for the connection ---
  struct Output {
    std::optional<Response> head;
    std::string pieces;
    bool streams = false;
    bool ended = false;
  };
  // What has come since the last call.
  Output Take();
  // The handler is told; what it writes from now on may be lost.
  void Cancel(EndedBy reason);
  // No more is read from this, and `wake` is not called again.
  void Detach();
  std::string keep_alive() const;

  // --- for the handler ---
  const Request& request() const { return request_; }
  const CancellationToken& cancel() const { return cancel_; }
  EndedBy ended_by() const;
  void OnCancel(std::function<void()> told);
  void Reply(Response response);
  void Begin(Response head, std::string keep_alive);
  bool Write(std::string_view piece);
  void End();

 private:
  Request request_;
  CancellationToken cancel_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;  // all below: guarded by mutex_
  EndedBy ended_by_ = EndedBy::kNobody;
  Output output_;
  std::string keep_alive_;
  bool answered_ = false;
  std::function<void()> told_;  // when it is cancelled before its end
};

// What a handler gets. Letting go of it without an answer answers 500.
class Exchange {
 public:
  explicit Exchange(std::shared_ptr<ExchangeState> state) : state_(std::move(state)) {}
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const Request& request() const { return state_->request(); }
  // Set when the client has left, the time is over, or the server stops.
  const CancellationToken& cancel() const { return state_->cancel(); }
  EndedBy ended_by() const { return state_->ended_by(); }
  // For handlers that do not look at `cancel`: `told` is called once when that is set before the
  // answer is complete, on another thread, or at once where it has been set.
  void OnCancel(std::function<void()> told) { state_->OnCancel(std::move(told)); }

  // Once, instead of the calls below.
  void Reply(Response response) { state_->Reply(std::move(response)); }

  // An answer in pieces: its head now (the body stays empty), then pieces, then the end.
  // `keep_alive` is sent every second in which nothing else is; it must be harmless in the
  // format, such as a newline.
  void Begin(Response head, std::string keep_alive) {
    state_->Begin(std::move(head), std::move(keep_alive));
  }
  // False when nobody reads any more, or so slowly that megabytes wait.
  bool Write(std::string_view piece) { return state_->Write(piece); }
  void End() { state_->End(); }

 private:
  std::shared_ptr<ExchangeState> state_;
};

}  // namespace coderank::http
