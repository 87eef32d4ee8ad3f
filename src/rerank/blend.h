// Blending: the order of a search and the judgement of a reranker to one order. A pure function.
//
//   p       = 1 / (1 + e^-logit)                                  the judge's probability
//   blended = (1 - w) * first  +  w * best first * p / best p     0 where there is no judgement
//
// Both sides are shares of their best, so that neither the units of the search nor the habits of a
// judge (MS MARCO's gives most code a logit near -11) decide, and a judge that hardly tells the
// documents apart changes hardly anything. A document that was not judged stays behind those that
// were: the search had put it there, and it gets nothing added.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace coderank {

// The judge's share. Published measurements of general judges on code are of orders that they
// replaced, and are losses (docs/reranking.md); keeping three quarters for the search is qmd's
// choice for the first ranks. Not tuned here: that takes trained weights.
inline constexpr double kRerankWeight = 0.25;

struct Blended {
  size_t index;  // into the search's order
  double score;
};

// `first` are the search's scores, best first, of any number of documents; `logits` those of the
// first of them. All documents in their new order; equal ones in that of the search. `weight` is
// from 0 to 1, and 1 leaves the order to the judge alone.
std::vector<Blended> Blend(std::span<const double> first, std::span<const float> logits,
                           double weight = kRerankWeight);

// The share of a judge that ranks lists. Replacing the order is what was published for CodeRankLLM,
// behind an embedder alone; behind this search, of words and names too, half is a mean of two
// orders until a measurement says more.
inline constexpr double kListwiseWeight = 0.5;

// The same for a judge that gives an order and no scores: a document's share of the judge is the
// search's score of the place that it was given. `order` has the indices of the first documents,
// the judge's best first. Of equal ones the judge's order counts, unless `weight` is 0.
std::vector<Blended> BlendOrder(std::span<const double> first, std::span<const size_t> order,
                                double weight = kListwiseWeight);

}  // namespace coderank
