// What the names of a chunk and of its file have to do with a query: signals from 0 to 1, each of
// which ranking weighs (ranking_weights.h).
#pragma once

#include <string_view>

#include "search/query_analysis.h"
#include "store/index_store.h"

namespace coderank {

struct NameSignals {
  // Of queries that are a name:
  double defines_name = 0;          // the chunk defines it, letter by letter
  double defines_similar_name = 0;  // it defines the name in another style or case
  double defines_in_scope = 0;      // ... within what qualifies it
  double file_has_name = 0;         // the file's stem is the name, in any style
  // Of sentences:
  double defines_mentioned = 0;  // the chunk defines a name that the sentence mentions
  double stem_words = 0;         // share of the sentence's words in the file's stem
  double stem_covered = 0;       // share of the stem's parts that the sentence says
  // Of queries that can be a path:
  double is_path = 0;      // the file's path ends with the query
  double covers_line = 0;  // ... and the chunk has the line that is named
};

// Whether `path` is `end`, or ends with it behind a '/'.
bool EndsWithPath(std::string_view path, std::string_view end);

NameSignals FindNameSignals(const QueryAnalysis& query, const StoredChunk& chunk);

}  // namespace coderank
