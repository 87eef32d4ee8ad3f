// Candidates: the chunks that ranking looks at, found by their words, by their vectors and by the
// names that they define. Filters apply here, before any list is cut.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "lexical/lexical_index.h"
#include "search/dense_source.h"
#include "search/query_analysis.h"
#include "search/ranking.h"
#include "search/result_filter.h"
#include "store/index_store.h"

namespace coderank {

struct CandidateRequest {
  std::string text;  // of the query, without filters
  const QueryAnalysis& analysis;
  const ResultFilter& filter;
  std::vector<std::string> symbols;  // keep only chunks that define one of these
  std::vector<std::string> phrases;  // ... and that hold every one of these
  SearchMode mode = SearchMode::kHybrid;
  std::span<const float> query_vector;  // [dimension], unit length; empty: vectors take no part
  DenseSource* dense = nullptr;         // null: vectors take no part
  size_t wanted = 10;                   // results that will be shown
};

struct CandidateSet {
  std::vector<Candidate> candidates;
  SourceContext context;
  // Why the vectors could not be asked, in a search that goes on with words; else OK.
  Status dense_failure;
};

// Fails where vectors alone were asked and cannot answer.
Result<CandidateSet> FindCandidates(const IndexStore& store, const LexicalIndex& lexical,
                                    const kernels::KernelSet& kernels,
                                    const CandidateRequest& request);

}  // namespace coderank
