// One client's conversation: which revision it speaks, and which of its calls run.
//
// A transport gives it each message with a sink for what is to be said about it. Everything but
// tools/call is answered at once; calls run on the server's threads, so answers may come in another
// order than the requests.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "server/mcp/json_rpc.h"
#include "server/mcp/reply_sink.h"
#include "server/mcp/revision.h"
#include "server/mcp/server.h"
#include "server/mcp/tool_call.h"

namespace coderank::server::mcp {

// Calls of one session that may run or wait at once, and messages of one batch. Agents ask a few
// things at a time.
inline constexpr size_t kMostCallsOfSession = 64;

// Thread-safe. Held by std::shared_ptr: a running call keeps its session.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Server& server, Transport transport) : server_(server), transport_(transport) {}

  // One message, or a batch of them. True when the sink will be finished, or is: the message holds
  // a request or an error.
  bool ReceiveText(std::string_view text, const std::shared_ptr<ReplySink>& sink);
  bool Receive(Input document, const std::shared_ptr<ReplySink>& sink);

  // A call that runs or waits is not answered any more, and stops soon. Unknown ids are passed
  // over.
  void Cancel(const Json& id);
  void CancelAll();
  // No call runs or waits, and all replies have been given to their sinks.
  bool idle() const;
  // None before the first request.
  std::optional<Revision> revision() const;

 private:
  using Outcome = std::variant<Json, RpcError>;
  using SinkPointer = std::shared_ptr<ReplySink>;

  bool ReceiveBatch(Input& batch, const SinkPointer& sink);
  bool ReceiveOne(Input document, const SinkPointer& sink, bool in_batch);
  void OnNotification(const Message& message);
  void OnRequest(Message& message, const SinkPointer& sink, bool in_batch);

  // The revision in which a request is to be answered.
  std::variant<Revision, RpcError> RevisionFor(const Message& message);
  Outcome Initialize(const Input& params);
  Outcome Discover() const;
  Outcome ListTools(const Input& params, Revision revision) const;
  Outcome Answer(const Message& message, Revision revision);

  // --- session_calls.cc ---
  // Checks a tools/call and puts it into the queue; an error is answered by the caller.
  std::optional<RpcError> StartCall(Message& message, Revision revision, const SinkPointer& sink);
  std::optional<RpcError> Register(const std::shared_ptr<ToolCall>& call);
  void Run(const std::shared_ptr<ToolCall>& call);
  void End(const ToolCall& call, std::optional<Reply> reply);
  // What revisions without a handshake add to a result.
  Json Complete(Json result, Revision revision) const;

  Server& server_;
  const Transport transport_;
  mutable std::mutex mutex_;
  std::optional<Revision> revision_;                        // guarded by mutex_
  std::map<std::string, std::shared_ptr<ToolCall>> calls_;  // by id as JSON; guarded by mutex_
  size_t unfinished_ = 0;  // calls without a reply; guarded by mutex_
};

}  // namespace coderank::server::mcp
