// Messages about one POST as its HTTP answer: JSON, or an event stream once there is more to say
// than the reply.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/mcp/http_message.h"
#include "server/mcp/reply_sink.h"

namespace coderank::server::mcp {

class HttpReplySink : public ReplySink {
 public:
  struct Options {
    bool may_stream = false;  // else notifications are left out
    bool may_reply = true;    // with JSON; else everything is a stream
    bool own_status = false;  // errors have HTTP statuses of their own, since 2026-07-28
  };
  HttpReplySink(std::shared_ptr<HttpReply> http, Options options)
      : http_(std::move(http)), options_(options) {}

  // For the answer to come.
  void AddHeader(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
  }
  void Notify(const std::string& text) override;
  void Finish(std::optional<Reply> reply) override;

 private:
  void Stream(const std::string& text);
  int StatusOf(const Reply& reply) const;

  const std::shared_ptr<HttpReply> http_;
  const Options options_;
  HttpHeaders headers_;
  bool streaming_ = false;
};

}  // namespace coderank::server::mcp
