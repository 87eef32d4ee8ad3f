#include "rerank/blend.h"

#include <algorithm>
#include <cmath>

namespace coderank {
namespace {

// log(1 / (1 + e^-x)), without overflow for any x.
double LogProbability(double logit) {
  return logit >= 0 ? -std::log1p(std::exp(-logit)) : logit - std::log1p(std::exp(logit));
}

}  // namespace

std::vector<Blended> Blend(std::span<const double> first, std::span<const float> logits,
                           double weight) {
  const size_t judged = std::min(first.size(), logits.size());
  const double best_first = first.empty() ? 0 : std::max(first.front(), 0.0);
  double best = 0;
  for (size_t i = 0; i < judged; ++i) {
    const double log = LogProbability(logits[i]);
    if (i == 0 || log > best) best = log;
  }
  std::vector<Blended> order;
  order.reserve(first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    double score = (1 - weight) * first[i];
    if (i < judged) score += weight * best_first * std::exp(LogProbability(logits[i]) - best);
    order.push_back({.index = i, .score = score});
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Blended& a, const Blended& b) { return a.score > b.score; });
  return order;
}

std::vector<Blended> BlendOrder(std::span<const double> first, std::span<const size_t> order,
                                double weight) {
  std::vector<Blended> blended;
  blended.reserve(first.size());
  for (size_t place = 0; place < first.size(); ++place) {
    const size_t index = place < order.size() ? order[place] : place;
    blended.push_back(
        {.index = index, .score = (1 - weight) * first[index] + weight * first[place]});
  }
  if (weight == 0) {
    std::sort(blended.begin(), blended.end(),
              [](const Blended& a, const Blended& b) { return a.index < b.index; });
    return blended;
  }
  std::stable_sort(blended.begin(), blended.end(),
                   [](const Blended& a, const Blended& b) { return a.score > b.score; });
  return blended;
}

}  // namespace coderank
