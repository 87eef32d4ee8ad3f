#include "server/mcp/http_reply_sink.h"

#include <utility>

#include "base/strings.h"
#include "server/mcp/json_rpc.h"

namespace coderank::server::mcp {

void HttpReplySink::Notify(const std::string& text) {
  if (options_.may_stream) Stream(text);
}

void HttpReplySink::Finish(std::optional<Reply> reply) {
  if (!streaming_ && (options_.may_reply || !options_.may_stream)) {
    // A cancelled request is not answered, but each POST is.
    if (!reply) return http_->Reply(202, std::move(headers_), "");
    headers_.emplace_back("Content-Type", "application/json");
    return http_->Reply(StatusOf(*reply), std::move(headers_), std::move(reply->text));
  }
  if (reply) Stream(reply->text);
  http_->End();
}

void HttpReplySink::Stream(const std::string& text) {
  if (!streaming_) {
    streaming_ = true;
    headers_.emplace_back("Content-Type", "text/event-stream");
    headers_.emplace_back("Cache-Control", "no-cache, no-transform");
    http_->Begin(std::move(headers_));
  }
  http_->Write(StrCat("event: message\ndata: ", text, "\n\n"));
}

int HttpReplySink::StatusOf(const Reply& reply) const {
  if (!reply.error_code) return 200;
  switch (*reply.error_code) {
    case kParseError:
    case kInvalidRequest:
      return 400;
    case kInvalidParams:
    case kHeaderMismatch:
    case kUnsupportedRevision:
      return options_.own_status ? 400 : 200;
    case kMethodNotFound:
      return options_.own_status ? 404 : 200;
    default:
      return 200;
  }
}

}  // namespace coderank::server::mcp
