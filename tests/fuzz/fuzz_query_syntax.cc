// Any bytes as a search: an error or a request whose words come from the text; and as a text to be
// cut into words, with bounded words.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lexical/lexical_query.h"
#include "lexical/query_syntax.h"
#include "text/identifiers.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  coderank::Tokenize(text, [](coderank::TokenKind, std::string_view token) {
    // One character more than fits, of at most two times its bytes in lower case.
    Require(!token.empty() && token.size() <= coderank::kMaximumWordBytes + 8);
  });
  const auto request = coderank::ParseSearch(text);
  if (!request) return 0;
  Require(request->text.size() <= size);
  static_cast<void>(coderank::MakeLexicalQuery(request->text));
  for (const auto& phrase : request->phrases) {
    static_cast<void>(coderank::PhraseTerms(phrase));
  }
  return 0;
}
