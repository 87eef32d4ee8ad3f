#include "http/url_query.h"

#include <algorithm>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return InvalidArgument(StrCat("URL: expected two hexadecimal digits behind every %, found \"",
                                    text.substr(i, 3), "\""));
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace

Result<QueryPairs> ParseQuery(std::string_view text) {
  QueryPairs pairs;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    if (piece.empty()) continue;
    const size_t equals = piece.find('=');
    CODERANK_ASSIGN(std::string name, Decode(piece.substr(0, equals)));
    std::string value;
    if (equals != std::string_view::npos) {
      CODERANK_ASSIGN(value, Decode(piece.substr(equals + 1)));
    }
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

}  // namespace coderank::http
