// What a query asks for, as far as its form tells: a name or a description, which names it holds,
// and which kinds of file it is about.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/file_trait.h"

namespace coderank {

enum class QueryShape {
  kName,      // "Session", "http::Server.close", "parse_args()", "class Foo"
  kPath,      // "src/http/server.cc", "lib/"
  kSentence,  // everything else
};

struct QueryAnalysis {
  QueryShape shape = QueryShape::kSentence;
  // kName: the last component, "close" of "http::Server.close", and what qualifies it, "Server".
  std::string name;
  std::string qualifier;
  // A query of one word that can be (the end of) a file's path, whatever its shape: "adapters.py".
  std::string path;
  uint32_t line = 0;  // behind the path, as in "adapters.py:12" or "adapters.py:12-40"; 0: none
  // Names that a sentence mentions: with an inner capital, an underscore, a qualifier, a call's
  // brackets or in backticks; the last component of each.
  std::vector<std::string> mentioned;
  // Words that carry meaning, in lower case, each once: identifiers are split, stop words and words
  // of one or two letters left out.
  std::vector<std::string> words;
  // Kinds of file that the query's words ask for: they are not held back.
  FileTraits wanted_traits = 0;
};

// `text` need not be valid UTF-8.
QueryAnalysis AnalyseQuery(std::string_view text);

}  // namespace coderank
