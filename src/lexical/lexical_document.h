// What a lexical index holds of a chunk, and the tokens it is found by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "lexical/bm25f.h"

namespace coderank {

// The views need to live during the call only that gets the document.
struct LexicalDocument {
  int64_t chunk_id = 0;
  int64_t text_id = 0;
  std::string_view path;         // from the root, with '/'
  std::string_view language;     // may be empty
  std::string_view definitions;  // names that are defined in it, blanks between them
  std::string_view scope;        // names of what encloses it
  std::string_view body;
};

// The term under which a chunk is found that defines `name`, whatever its style and whatever
// qualifies it: for "net::ServerPool" and "server_pool" it is "=serverpool". '=' is of no word, so
// it meets no other term. "" for a name without letters.
std::string DefinitionTerm(std::string_view name);

// Every token of the document, field by field. Definition terms count in their field, but not
// towards its length: `counts_length` is false for them.
void VisitTokens(const LexicalDocument& document,
                 FunctionRef<void(LexicalField, std::string_view token, bool counts_length)> visit);

}  // namespace coderank
