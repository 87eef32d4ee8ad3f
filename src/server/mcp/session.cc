#include "server/mcp/session.h"

#include <utility>

#include "base/strings.h"
#include "coderank/status.h"
#include "server/mcp/batch_sink.h"

namespace coderank::server::mcp {
namespace {

// Tools do not change while a process runs; an upgrade should be seen within minutes.
constexpr int kListIsFreshMilliseconds = 300'000;

Json Capabilities() { return {{"tools", Json::object()}}; }

Json Implementation(const ServerInfo& info) {
  return {{"name", info.name}, {"title", info.title}, {"version", info.version}};
}

}  // namespace

bool Session::ReceiveText(std::string_view text, const SinkPointer& sink) {
  auto document = ParseDocument(text);
  if (auto* error = std::get_if<RpcError>(&document)) {
    sink->Finish(ErrorReply(nullptr, *error));
    return true;
  }
  return Receive(std::get<Input>(std::move(document)), sink);
}

bool Session::Receive(Input document, const SinkPointer& sink) {
  if (document.is_array()) return ReceiveBatch(document, sink);
  return ReceiveOne(std::move(document), sink, false);
}

bool Session::ReceiveBatch(Input& batch, const SinkPointer& sink) {
  const auto spoken = revision();
  const bool allowed = spoken && HasBatches(*spoken);
  if (!allowed || batch.empty() || batch.size() > kMostCallsOfSession) {
    const std::string message = allowed
                                    ? StrCat("a batch has 1 to ", kMostCallsOfSession, " messages")
                                    : "batches: not in this revision, send one message at a time";
    sink->Finish(ErrorReply(nullptr, InvalidRequest(message)));
    return true;
  }
  const auto replies = std::make_shared<BatchSink>(sink);
  for (Input& document : batch) {
    const auto one = replies->ForOneMessage();
    if (!ReceiveOne(std::move(document), one, true)) replies->ExpectNothing();
  }
  return replies->Close();
}

bool Session::ReceiveOne(Input document, const SinkPointer& sink, bool in_batch) {
  auto parsed = MessageFrom(std::move(document));
  if (const auto* failure = std::get_if<MessageFailure>(&parsed)) {
    sink->Finish(ErrorReply(failure->id, failure->error));
    return true;
  }
  auto& message = std::get<Message>(parsed);
  switch (message.kind) {
    case Message::Kind::kResponse:  // to what? no request is ever sent to a client
      return false;
    case Message::Kind::kNotification:
      OnNotification(message);
      return false;
    case Message::Kind::kRequest:
      OnRequest(message, sink, in_batch);
      return true;
  }
  return false;
}

void Session::OnNotification(const Message& message) {
  if (message.method != "notifications/cancelled") return;
  const auto id = message.params.find("requestId");
  if (id == message.params.end()) return;
  if (id->is_string() || id->is_number_integer()) Cancel(Json::parse(id->dump()));
}

void Session::OnRequest(Message& message, const SinkPointer& sink, bool in_batch) {
  const auto fail = [&](const RpcError& error) { sink->Finish(ErrorReply(message.id, error)); };
  if (in_batch && message.method == "initialize") {
    return fail(InvalidRequest("initialize: must not be part of a batch"));
  }
  const auto revision = RevisionFor(message);
  if (const auto* error = std::get_if<RpcError>(&revision)) return fail(*error);
  if (message.method == "tools/call") {
    const auto error = StartCall(message, std::get<Revision>(revision), sink);
    if (error) fail(*error);
    return;
  }
  auto outcome = Answer(message, std::get<Revision>(revision));
  if (const auto* error = std::get_if<RpcError>(&outcome)) return fail(*error);
  sink->Finish(Reply{.text = ResponseText(message.id, std::get<Json>(std::move(outcome))),
                     .error_code = {}});
}

std::variant<Revision, RpcError> Session::RevisionFor(const Message& message) {
  if (message.method == "initialize") return kNewestWithHandshake;  // it settles it itself
  const std::lock_guard lock(mutex_);
  if (NamesItsRevision(message.params)) {
    if (revision_ && HasHandshake(*revision_)) {
      return InvalidRequest(StrCat("this session was opened by initialize and speaks ",
                                   NameOf(*revision_), "; expected no ", kRevisionKey));
    }
    auto named = NamedRevision(message.params, transport_);
    if (const auto* revision = std::get_if<Revision>(&named)) revision_ = *revision;
    return named;
  }
  if (!revision_) {
    if (message.method == "ping") return kNewestWithHandshake;
    return InvalidRequest(StrCat(message.method, ": expected initialize before it"));
  }
  if (!HasHandshake(*revision_)) {
    return InvalidParams(StrCat("_meta.", kRevisionKey, ": is required in this session"));
  }
  return *revision_;
}

Session::Outcome Session::Answer(const Message& message, Revision revision) {
  const bool handshake = HasHandshake(revision);
  if (message.method == "initialize") return Initialize(message.params);
  if (message.method == "ping" && handshake) return Json::object();
  if (message.method == "server/discover" && !handshake) return Discover();
  if (message.method == "tools/list") return ListTools(message.params, revision);
  return RpcError{.code = kMethodNotFound, .message = StrCat(message.method, ": unknown method")};
}

Session::Outcome Session::Initialize(const Input& params) {
  const auto asked = params.find("protocolVersion");
  if (asked == params.end() || !asked->is_string()) {
    return InvalidParams("protocolVersion: expected a string");
  }
  const std::string& name = asked->get_ref<const std::string&>();
  const std::lock_guard lock(mutex_);
  if (revision_ && HasHandshake(*revision_)) return InvalidRequest("initialize: was done already");
  if (revision_) {
    return RpcError{.code = kUnsupportedRevision,
                    .message = "initialize: not in the revision that this session speaks",
                    .data = {{"supported", {NameOf(*revision_)}}, {"requested", name}}};
  }
  const auto known = RevisionOf(name, transport_);
  revision_ = known && HasHandshake(*known) ? *known : kNewestWithHandshake;
  return Json{{"protocolVersion", NameOf(*revision_)},
              {"capabilities", Capabilities()},
              {"serverInfo", Implementation(server_.info())},
              {"instructions", server_.info().instructions}};
}

Session::Outcome Session::Discover() const {
  return Complete({{"supportedVersions", RevisionNames(transport_)},
                   {"capabilities", Capabilities()},
                   {"instructions", server_.info().instructions},
                   {"ttlMs", kListIsFreshMilliseconds},
                   {"cacheScope", "public"}},
                  Revision::k20260728);
}

Session::Outcome Session::ListTools(const Input& params, Revision revision) const {
  if (params.contains("cursor") && !params.at("cursor").is_null()) {
    return InvalidParams("cursor: unknown; the list of tools has one page");
  }
  Json tools = Json::array();
  for (const auto& tool : server_.tools()) {
    Json description = tool->description();
    if (!HasStructuredResults(revision)) description.erase("outputSchema");
    tools.push_back(std::move(description));
  }
  Json result = {{"tools", std::move(tools)}};
  if (!HasHandshake(revision)) {
    result["ttlMs"] = kListIsFreshMilliseconds;
    result["cacheScope"] = "public";
  }
  return Complete(std::move(result), revision);
}

Json Session::Complete(Json result, Revision revision) const {
  if (HasHandshake(revision)) return result;
  result["resultType"] = "complete";
  result["_meta"] = {{kServerInfoKey, Implementation(server_.info())}};
  return result;
}

std::optional<Revision> Session::revision() const {
  const std::lock_guard lock(mutex_);
  return revision_;
}

}  // namespace coderank::server::mcp
