#include "http/request_reader.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"
#include "http/url_query.h"

namespace coderank::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using HttpError = beast::http::error;

constexpr size_t kReadBlock = size_t{16} << 10;
// Of bytes that are read and not parsed yet, such as an endless chunk extension.
constexpr size_t kMostUnparsed = size_t{128} << 10;

Response TooLarge(std::string_view what) {
  return ErrorResponse(413, "too_large", StrCat("the request's ", what, " is too large"));
}

// The client is told where it sent something that is no request, or too much, or too slowly; not
// where it just left.
ReadFailure FailureOf(const ErrorCode& error, bool anything_sent) {
  if (error == beast::error::timeout) {
    if (!anything_sent) return {};
    return {ErrorResponse(408, "timeout", "the request did not arrive in time")};
  }
  if (error == HttpError::header_limit) {
    return {ErrorResponse(431, "too_large", "the request's headers are too large")};
  }
  if (error == HttpError::body_limit) return {TooLarge("body")};
  if (error == HttpError::buffer_overflow) return {TooLarge("framing")};
  const bool is_malformed = error.category() == make_error_code(HttpError::bad_method).category();
  if (!is_malformed) return {};
  return {ErrorResponse(400, "invalid_argument",
                        StrCat("expected an HTTP/1.1 request: ", error.message()))};
}

// Names that decide who is asked and how the body is read have to be there once.
bool MayRepeat(std::string_view name) {
  return name != "host" && name != "origin" && name != "content-type" && name != "authorization";
}

template <typename Fields>
std::optional<Response> ReadHeaders(const Fields& fields, size_t most, Request& request) {
  size_t count = 0;
  for (const auto& field : fields) {
    ++count;
    const std::string name = AsciiLower(std::string_view(field.name_string()));
    const auto [place, is_new] = request.headers.try_emplace(name);
    if (!is_new && !MayRepeat(name)) {
      return ErrorResponse(400, "invalid_argument", StrCat(name, ": expected once"));
    }
    place->second += StrCat(is_new ? "" : ", ", std::string_view(field.value()));
  }
  if (count <= most) return std::nullopt;
  return ErrorResponse(431, "too_large",
                       StrCat("expected at most ", most, " headers, found ", count));
}

std::optional<Response> ReadTarget(std::string_view target, Request& request) {
  const size_t mark = target.find('?');
  request.path = std::string(target.substr(0, mark));
  if (mark == std::string_view::npos) return std::nullopt;
  auto query = ParseQuery(target.substr(mark + 1));
  if (!query) return ErrorResponse(400, "invalid_argument", query.error().message());
  request.query = *std::move(query);
  return std::nullopt;
}

}  // namespace

asio::awaitable<ErrorCode> RequestReader::ReadMore() {
  std::array<char, kReadBlock> block;
  const auto [error, size] = co_await transport_.Read(asio::buffer(block));
  buffer_.append(block.data(), size);
  co_return error;
}

asio::awaitable<ErrorCode> RequestReader::ParseUntil(bool (*is_done)(const Parser&)) {
  for (;;) {
    if (!buffer_.empty()) {
      ErrorCode error;
      const size_t used = parser_->put(asio::buffer(buffer_), error);
      buffer_.erase(0, used);
      if (error && error != HttpError::need_more) co_return error;
      if (is_done(*parser_)) co_return ErrorCode();
      if (used > 0) continue;  // the parser stops at parts
    }
    if (buffer_.size() > kMostUnparsed) co_return make_error_code(HttpError::buffer_overflow);
    if (const ErrorCode error = co_await ReadMore()) co_return error;
  }
}

asio::awaitable<std::variant<RequestHead, ReadFailure>> RequestReader::ReadHead(bool first) {
  if (!first && buffer_.empty()) {
    transport_.ExpireAfter(limits_.idle_time);
    if (co_await ReadMore()) co_return ReadFailure{};
  }
  parser_ = std::make_unique<Parser>();
  parser_->header_limit(static_cast<uint32_t>(limits_.header_bytes));
  parser_->body_limit(boost::none);  // the route has a say, and is not known yet
  transport_.ExpireAfter(limits_.header_time);
  const ErrorCode error =
      co_await ParseUntil([](const Parser& parser) { return parser.is_header_done(); });
  if (error) co_return FailureOf(error, !buffer_.empty() || parser_->got_some());
  const auto& message = parser_->get();
  RequestHead head{.keep_alive = parser_->keep_alive(),
                   .http_1_1 = message.version() >= 11,
                   .has_body = !parser_->is_done()};
  head.request.method = std::string(message.method_string());
  const auto target = message.target();
  auto refusal = ReadHeaders(message, limits_.header_count, head.request);
  if (!refusal) refusal = ReadTarget({target.data(), target.size()}, head.request);
  if (refusal) co_return ReadFailure{std::move(refusal)};
  co_return std::move(head);
}

asio::awaitable<std::variant<std::string, ReadFailure>> RequestReader::ReadBody(size_t limit) {
  const auto length = parser_->content_length();
  if (length && *length > limit) co_return ReadFailure{TooLarge("body")};
  parser_->body_limit(limit);  // of what comes in chunks
  parser_->eager(true);
  transport_.ExpireAfter(limits_.body_time);
  const auto expect = parser_->get().find(beast::http::field::expect);
  if (expect != parser_->get().end() && beast::iequals(expect->value(), "100-continue")) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const ErrorCode sent = co_await transport_.Write(kContinue, {});
    if (sent) co_return ReadFailure{};
  }
  const ErrorCode error =
      co_await ParseUntil([](const Parser& parser) { return parser.is_done(); });
  if (error) co_return FailureOf(error, true);
  std::string body = std::move(parser_->get().body());
  co_return body;
}

}  // namespace coderank::http
