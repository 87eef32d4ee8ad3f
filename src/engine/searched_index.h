// What a search works with: opened indexes, and what is looked for in them.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine_state.h"
#include "engine/opened_indexes.h"
#include "engine/search_filters.h"
#include "lexical/query_syntax.h"
#include "search/query_analysis.h"

namespace coderank {

struct SearchedIndex {
  IndexLocation location;
  Config config;
  std::shared_ptr<OpenedIndex> opened;
  Freshness freshness;
  std::shared_ptr<const LoadedModel> model;  // null: words alone
  std::filesystem::path shown_below;         // stands before the paths of results; see SearchResult
  std::string exported_at;                   // of a snapshot
};

struct Question {
  const SearchRequest& request;  // numbers and mode
  const ParsedSearch& parsed;    // phrases and symbols
  const SearchFilters& filters;  // those of the request and those inside the query
  std::string text;              // what is looked for
  QueryAnalysis analysis;
  std::vector<float> vector;              // [dimension], unit length; empty: words alone
  std::optional<int64_t> excluded_chunk;  // of the only index: results are like it, not it
  const CancellationToken* cancel = nullptr;
};

class Stopwatch {
 public:
  // Milliseconds since construction or the last call.
  double Lap() {
    const auto now = Clock::now();
    const double lap = std::chrono::duration<double, std::milli>(now - start_).count();
    start_ = now;
    return lap;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace coderank
