#include "http/response_writer.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <ctime>
#include <string_view>

#include "base/strings.h"

namespace coderank::http {
namespace {

namespace asio = boost::asio;

std::string Date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text.data();
}

std::string_view Reason(int status) {
  if (status == 499) return "Client Closed Request";
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {reason.data(), reason.size()};
}

// A line break would begin another header.
std::string WithoutBreaks(std::string text) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return text;
}

// `framing`: the header that says how long the body is.
std::string HeadText(const Response& response, std::string_view framing, bool keep_alive) {
  std::string text = StrCat("HTTP/1.1 ", response.status, " ", Reason(response.status),
                            "\r\nDate: ", Date(), "\r\n");
  if (!response.content_type.empty()) {
    text += StrCat("Content-Type: ", WithoutBreaks(response.content_type), "\r\n");
  }
  text +=
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n";
  for (const auto& [name, value] : response.headers) {
    text += StrCat(WithoutBreaks(name), ": ", WithoutBreaks(value), "\r\n");
  }
  return text + StrCat(framing, keep_alive ? "" : "Connection: close\r\n", "\r\n");
}

std::string Hexadecimal(size_t value) {
  std::array<char, 20> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, 16);
  return {text.data(), end};
}

}  // namespace

asio::awaitable<bool> ResponseWriter::Send(const Response& response, Mode mode) {
  const std::string head =
      HeadText(response, StrCat("Content-Length: ", response.body.size(), "\r\n"), mode.keep_alive);
  transport_.ExpireAfter(limits_.write_time);
  const std::string_view body = mode.head_only ? std::string_view() : response.body;
  const ErrorCode error = co_await transport_.Write(head, body);
  co_return !error;
}

asio::awaitable<bool> ResponseWriter::Begin(const Response& head, Mode mode) {
  const std::string text = HeadText(head, mode.http_1_1 ? "Transfer-Encoding: chunked\r\n" : "",
                                    mode.keep_alive && mode.http_1_1);
  transport_.ExpireAfter(limits_.write_time);
  const ErrorCode error = co_await transport_.Write(text, {});
  co_return !error;
}

asio::awaitable<bool> ResponseWriter::Piece(const std::string& text, Mode mode) {
  transport_.ExpireAfter(limits_.write_time);
  const std::string frame =
      mode.http_1_1 ? StrCat(Hexadecimal(text.size()), "\r\n") : std::string();
  const std::string rest = mode.http_1_1 ? text + "\r\n" : text;
  const ErrorCode error = co_await transport_.Write(frame, rest);
  co_return !error;
}

asio::awaitable<bool> ResponseWriter::End(Mode mode) {
  if (!mode.http_1_1) co_return true;
  constexpr std::string_view kLast = "0\r\n\r\n";
  transport_.ExpireAfter(limits_.write_time);
  const ErrorCode error = co_await transport_.Write(kLast, {});
  co_return !error;
}

}  // namespace coderank::http
