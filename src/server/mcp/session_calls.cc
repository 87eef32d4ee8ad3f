// The calls of a session: from tools/call to its answer.
#include <exception>
#include <utility>

#include "base/strings.h"
#include "coderank/status.h"
#include "server/mcp/session.h"

namespace coderank::server::mcp {
namespace {

// "1" and 1 are different ids.
std::string KeyOf(const Json& id) { return id.dump(); }

// What the caller of a tool wants its progress reported as; null for none.
Json ProgressTokenOf(const Input& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return nullptr;
  const auto token = meta->find("progressToken");
  if (token == meta->end()) return nullptr;
  if (token->is_string() || token->is_number_integer()) return Json::parse(token->dump());
  return nullptr;
}

Json ResultJson(ToolResult result, Revision revision) {
  Json json = {{"content", std::move(result.content)}};
  if (HasStructuredResults(revision) && !result.structured.is_null()) {
    json["structuredContent"] = std::move(result.structured);
  }
  if (result.is_error) json["isError"] = true;
  return json;
}

}  // namespace

std::optional<RpcError> Session::StartCall(Message& message, Revision revision,
                                           const SinkPointer& sink) {
  const auto name = message.params.find("name");
  if (name == message.params.end() || !name->is_string()) {
    return InvalidParams("name: expected the name of a tool");
  }
  const auto call = std::make_shared<ToolCall>();
  call->tool = server_.FindTool(name->get_ref<const std::string&>());
  if (call->tool == nullptr) {
    std::string known;
    for (const auto& tool : server_.tools()) {
      known += StrCat(known.empty() ? "" : ", ", tool->name());
    }
    return InvalidParams(StrCat("Unknown tool: ", name->get<std::string>(), "; known: ", known));
  }
  call->arguments = Input::object();
  if (const auto found = message.params.find("arguments");
      found != message.params.end() && !found->is_null()) {
    if (!found->is_object()) return InvalidParams("arguments: expected an object");
    call->arguments = std::move(*found);
  }
  call->id = message.id;
  call->revision = revision;
  call->progress_token = ProgressTokenOf(message.params);
  call->sink = sink;
  if (auto error = Register(call)) return error;
  if (server_.queue().Post([self = shared_from_this(), call] { self->Run(call); })) {
    return std::nullopt;
  }
  {
    const std::lock_guard lock(mutex_);
    calls_.erase(KeyOf(call->id));
    --unfinished_;
  }
  return RpcError{.code = McpErrorCode(StatusCode::kResourceExhausted),
                  .message = "too many calls wait for this server; try again later"};
}

std::optional<RpcError> Session::Register(const std::shared_ptr<ToolCall>& call) {
  const std::lock_guard lock(mutex_);
  if (calls_.size() >= kMostCallsOfSession) {
    return RpcError{.code = McpErrorCode(StatusCode::kResourceExhausted),
                    .message = StrCat("a session may have ", kMostCallsOfSession,
                                      " calls at once; wait for one of them")};
  }
  if (!calls_.emplace(KeyOf(call->id), call).second) {
    return InvalidRequest("id: a call with this id has not been answered yet");
  }
  ++unfinished_;
  return std::nullopt;
}

void Session::Run(const std::shared_ptr<ToolCall>& call) {
  if (call->cancel.IsCancelled()) return End(*call, std::nullopt);
  Reply reply;
  try {
    ToolContext context{.cancel = &call->cancel, .progress = {}};
    if (!call->progress_token.is_null()) {
      context.progress = [&call = *call](const ToolProgress& progress) { call.Report(progress); };
    }
    ToolResult result = call->tool->Call(call->arguments, context);
    reply.text = ResponseText(
        call->id, Complete(ResultJson(std::move(result), call->revision), call->revision));
  } catch (const std::exception&) {  // out of memory, and nothing else by design
    reply = ErrorReply(call->id, {.code = kInternalError, .message = "internal error"});
  }
  // A cancelled call is not answered: its client has forgotten it.
  End(*call, call->cancel.IsCancelled() ? std::nullopt : std::optional(std::move(reply)));
}

void Session::End(const ToolCall& call, std::optional<Reply> reply) {
  {
    // First, so that a client that has its answer may use the id again.
    const std::lock_guard lock(mutex_);
    calls_.erase(KeyOf(call.id));
  }
  call.sink->Finish(std::move(reply));
  const std::lock_guard lock(mutex_);
  --unfinished_;
}

void Session::Cancel(const Json& id) {
  const std::lock_guard lock(mutex_);
  if (const auto call = calls_.find(KeyOf(id)); call != calls_.end()) call->second->cancel.Cancel();
}

void Session::CancelAll() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, call] : calls_) call->cancel.Cancel();
}

bool Session::idle() const {
  const std::lock_guard lock(mutex_);
  return unfinished_ == 0;
}

}  // namespace coderank::server::mcp
