#include "http/message.h"

#include <array>
#include <cstdio>

#include "base/strings.h"
#include "text/utf8.h"

namespace coderank::http {
namespace {

std::string JsonText(std::string_view text) {
  std::string out;
  for (const char c : ToValidUtf8(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  return {.status = status,
          .headers = {},
          .body = StrCat("{\"error\":{\"code\":\"", JsonText(code), "\",\"message\":\"",
                         JsonText(message), "\"}}\n")};
}

}  // namespace coderank::http
