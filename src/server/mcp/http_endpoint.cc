#include "server/mcp/http_endpoint.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "coderank/status.h"
#include "server/mcp/http_headers.h"

namespace coderank::server::mcp {
namespace {

using ReplyPointer = std::shared_ptr<HttpReply>;

// An error before there is a session or a request to answer.
void Refuse(HttpReply& reply, int status, const RpcError& error, const Json& id = nullptr) {
  reply.Reply(status, {{"Content-Type", "application/json"}}, ErrorText(id, error));
}

void Refuse(HttpReply& reply, int status, std::string message) {
  Refuse(reply, status, InvalidRequest(std::move(message)));
}

bool IsInitialize(const Input& document) {
  if (!document.is_object()) return false;
  const auto method = document.find("method");
  return method != document.end() && *method == "initialize";
}

bool NamesItsRevision(const HttpRequest& request, const Input& document) {
  if (IsInitialize(document)) return false;
  const auto named = RevisionOf(request.Header(kRevisionHeader), Transport::kHttp);
  if (named && !HasHandshake(*named)) return true;
  if (!document.is_object()) return false;
  const auto params = document.find("params");
  return params != document.end() && params->is_object() && mcp::NamesItsRevision(*params);
}

// The ids that a message asks answers to.
std::vector<Json> IdsOf(const Input& document) {
  std::vector<Json> ids;
  const auto add = [&ids](const Input& message) {
    if (message.is_object() && message.contains("id"))
      ids.push_back(Json::parse(message["id"].dump()));
  };
  if (!document.is_array()) add(document);
  if (document.is_array()) {
    for (const Input& message : document) add(message);
  }
  return ids;
}

std::shared_ptr<HttpReplySink> SinkFor(const HttpRequest& request, const ReplyPointer& reply,
                                       bool own_status) {
  const Accepted accepted = AcceptedBy(request);
  return std::make_shared<HttpReplySink>(
      reply,
      HttpReplySink::Options{
          .may_stream = accepted.stream, .may_reply = accepted.json, .own_status = own_status});
}

// Gives the document to the session. What is returned stops the calls that it has begun.
std::function<void()> Deliver(const std::shared_ptr<Session>& session, Input document,
                              const std::shared_ptr<HttpReplySink>& sink, HttpReply& reply) {
  std::vector<Json> ids = IdsOf(document);
  if (!session->Receive(std::move(document), sink)) {
    reply.Reply(202, {}, "");
    return nullptr;
  }
  return [weak = std::weak_ptr(session), ids = std::move(ids)] {
    const auto held = weak.lock();
    if (held == nullptr) return;
    for (const Json& id : ids) held->Cancel(id);
  };
}

}  // namespace

std::function<void()> HttpEndpoint::Handle(const HttpRequest& request, const ReplyPointer& reply) {
  if (request.method == "POST") return Post(request, reply);
  if (request.method == "DELETE") {
    Delete(request, *reply);
  } else {
    reply->Reply(405, {{"Allow", "POST, DELETE"}}, "");
  }
  return nullptr;
}

std::function<void()> HttpEndpoint::Post(const HttpRequest& request, const ReplyPointer& reply) {
  // A page of another site can make a browser send other types unasked, but not this one.
  if (!HasJsonBody(request)) {
    Refuse(*reply, 415, "Content-Type: expected application/json");
    return nullptr;
  }
  const Accepted accepted = AcceptedBy(request);
  if (!accepted.json && !accepted.stream) {
    Refuse(*reply, 406, "Accept: expected application/json and text/event-stream");
    return nullptr;
  }
  auto document = ParseDocument(request.body);
  if (const auto* error = std::get_if<RpcError>(&document)) {
    Refuse(*reply, 400, *error);
    return nullptr;
  }
  auto& parsed = std::get<Input>(document);
  if (NamesItsRevision(request, parsed)) return PostAlone(request, std::move(parsed), reply);
  if (IsInitialize(parsed)) return PostInitialize(request, std::move(parsed), reply);
  return PostToSession(request, std::move(parsed), reply);
}

std::function<void()> HttpEndpoint::PostAlone(const HttpRequest& request, Input document,
                                              const ReplyPointer& reply) {
  if (!document.is_object()) {
    Refuse(*reply, 400, "expected one JSON-RPC 2.0 object");
    return nullptr;
  }
  if (!document.contains("id")) {  // such requests have no past that a notification could be about
    reply->Reply(202, {}, "");
    return nullptr;
  }
  if (const auto mismatch = HeaderMismatch(request, document)) {
    const auto ids = IdsOf(document);
    Refuse(*reply, 400, *mismatch, ids.front());
    return nullptr;
  }
  const auto session = std::make_shared<Session>(server_, Transport::kHttp);
  return Deliver(session, std::move(document), SinkFor(request, reply, true), *reply);
}

std::function<void()> HttpEndpoint::PostInitialize(const HttpRequest& request, Input document,
                                                   const ReplyPointer& reply) {
  const auto session = std::make_shared<Session>(server_, Transport::kHttp);
  const auto id = sessions_.Add(session);
  if (!id) {
    reply->Reply(503, {{"Retry-After", "1"}, {"Content-Type", "application/json"}},
                 ErrorText(nullptr, {.code = McpErrorCode(StatusCode::kResourceExhausted),
                                     .message = "too many sessions are at work; try again later"}));
    return nullptr;
  }
  const auto sink = SinkFor(request, reply, false);
  sink->AddHeader("Mcp-Session-Id", *id);
  session->Receive(std::move(document), sink);  // answers at once
  if (!session->revision()) sessions_.Remove(*id);
  return nullptr;
}

std::function<void()> HttpEndpoint::PostToSession(const HttpRequest& request, Input document,
                                                  const ReplyPointer& reply) {
  const std::string_view revision = request.Header(kRevisionHeader);
  if (!revision.empty() && !RevisionOf(revision, Transport::kHttp)) {
    Refuse(*reply, 400,
           StrCat(kRevisionHeader, ": expected one of ", RevisionNames(Transport::kHttp).dump()));
    return nullptr;
  }
  const std::string_view id = request.Header(kSessionHeader);
  if (id.empty()) {
    Refuse(*reply, 400, StrCat(kSessionHeader, ": is required after initialize"));
    return nullptr;
  }
  const auto session = sessions_.Find(id);
  if (session == nullptr) {
    Refuse(*reply, 404, StrCat(kSessionHeader, ": no such session; begin anew with initialize"));
    return nullptr;
  }
  return Deliver(session, std::move(document), SinkFor(request, reply, false), *reply);
}

void HttpEndpoint::Delete(const HttpRequest& request, HttpReply& reply) {
  const auto session = sessions_.Remove(request.Header(kSessionHeader));
  if (session == nullptr) return Refuse(reply, 404, StrCat(kSessionHeader, ": no such session"));
  session->CancelAll();
  reply.Reply(204, {}, "");
}

}  // namespace coderank::server::mcp
