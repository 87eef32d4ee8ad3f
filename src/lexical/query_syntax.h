// The syntax of a search: free text, with exact phrases and filters in it.
//
//   retry after timeout          free text
//   "connection reset"           an exact phrase: only chunks that hold it, as it stands
//   symbol:ServerPool            only chunks that define this name
//   path:src/**  -path:*_test.*  only files that match the glob; only those that do not
//   lang:go      -lang:html      only files of the language; only others
//   path:"my files/*"            a value with blanks; \" is a quote in quotes
//
// A question may be code or prose, so what only resembles this is text: a quote that does not begin
// a word or is not closed at the end of one (printf("x"), 5"), a key that is not one of these or
// has no value directly behind it (std::vector, foo: bar, http://x, path::join, "lang: go").
// To look for such text literally, quote it: "path:src".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank {

struct ParsedSearch {
  // The words to rank by: the free text and the phrases' words, without filters.
  std::string text;
  std::vector<std::string> phrases;    // every one must be there
  std::vector<std::string> symbols;    // one of which must be defined; empty: all chunks
  std::vector<std::string> paths;      // globs, one of which must match; empty: all files
  std::vector<std::string> languages;  // one of them; empty: all
  std::vector<std::string> excluded_paths;
  std::vector<std::string> excluded_languages;
};

// kInvalidArgument for a filter that cannot be meant as it stands, with its column.
Result<ParsedSearch> ParseSearch(std::string_view query);

}  // namespace coderank
