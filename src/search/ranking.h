// Ranking: from candidates, found by words and by vectors, to the order in which they are shown.
//
// Pure functions: the same candidates give the same order, and every part of a score can be told.
//
//   relevance = (1 - s) * (lexical / best lexical)^r  +  s * (cosine - mean) / best (cosine - mean)
//               without a vector yet: with the average (cosine - mean) of what words found
//   evidence  = relevance + additions for names, files and paths (ranking_weights.h)
//   score     = evidence * factors for kinds of file * saturation of the file
//
// Which weights take part depends on the query's shape: definitions count for names, the words of
// paths for sentences.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "coderank/search.h"
#include "search/query_analysis.h"
#include "search/ranking_weights.h"
#include "store/index_store.h"

namespace coderank {

struct Candidate {
  StoredChunk chunk;
  double lexical = 0;           // BM25F; 0: holds none of the query's words
  std::optional<float> cosine;  // absent: no vector yet, or vectors are not asked
  size_t source = 0;            // into RankingContext::sources
};

// What is the same for all candidates of one index.
struct SourceContext {
  // Of the query with an average vector of the index: what a chunk gets that has nothing to do with
  // it. Encoders put all texts into a narrow cone, so the raw cosine says little.
  float mean_cosine = 0;
  // Kinds of file that make up most of what is searched: nobody asks for the rest.
  FileTraits common_traits = 0;
};

struct RankingContext {
  SearchMode mode = SearchMode::kHybrid;
  std::vector<SourceContext> sources = {SourceContext{}};  // the indexes searched together
};

// As explanations name it: "test file", "vendored", ...
std::string_view TraitName(FileTraits trait);

struct RankedCandidate {
  size_t index = 0;  // into the candidates
  double score = 0;
  std::optional<float> rerank_score;  // given by who judges them afterwards
  std::vector<ScoreTerm> terms;       // the sum of the additions times the factors is the score
};

// The `count` best, best first; equal ones by cosine, path, then start line.
std::vector<RankedCandidate> Rank(const QueryAnalysis& query, std::span<const Candidate> candidates,
                                  const RankingContext& context, size_t count,
                                  const RankingWeights& weights = kRankingWeights);

}  // namespace coderank
