#include "engine/collection_source.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/hex.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/collection_filter.h"
#include "json/json.h"
#include "migration/pushed_point.h"

namespace coderank {
namespace {

// A text that stands in several places is several points, and some points may be out of date, so
// more are asked for than texts are wanted; if those are not enough, more again, up to a number
// that a server still finds in a moment. It is also the deepest that vectors alone are looked at.
constexpr double kAskedPerText = 1.25;
constexpr uint32_t kMoreEachTime = 4;
constexpr uint32_t kMostAsked = 10'000;

}  // namespace

Result<std::vector<int64_t>> CollectionSource::BestTexts(const DenseRequest& request) {
  auto texts = Ask(request);
  if (texts || texts.error().code() == StatusCode::kCancelled) return texts;
  return Unavailable(StrCat("collection ", access_.collection, ": ", texts.error().message()));
}

Result<std::vector<int64_t>> CollectionSource::Ask(const DenseRequest& request) {
  if (!access_.client) return access_.client.error();
  std::optional<std::vector<int64_t>> passing;
  if (request.among != nullptr) passing = TextsOf(*request.among, request.documents);
  if (passing && passing->empty()) return std::vector<int64_t>();
  CODERANK_ASSIGN(const qdrant::Json filter, CollectionFilter(request, store_));
  const double first = kAskedPerText * static_cast<double>(request.count) + 1;
  auto limit = static_cast<uint32_t>(std::min<double>(first, kMostAsked));
  for (;; limit = std::min(kMoreEachTime * limit, kMostAsked)) {
    CODERANK_ASSIGN(
        const qdrant::SearchReply reply,
        (*access_.client)
            ->Search(access_.collection, {.vector = request.query,
                                          .vector_name = {},
                                          .limit = limit,
                                          .filter = filter,
                                          .exact = access_.exact,
                                          .payload_keys = {std::string(kPushedHashKey)}}));
    CODERANK_ASSIGN(std::vector<int64_t> texts, TextsOfReply(reply, passing ? &*passing : nullptr));
    const bool all = reply.points.size() < limit || limit >= kMostAsked;
    if (!all && texts.size() < request.count) continue;
    if (texts.size() > request.count) texts.resize(request.count);
    return texts;
  }
}

Result<std::vector<int64_t>> CollectionSource::TextsOfReply(
    const qdrant::SearchReply& reply, const std::vector<int64_t>* passing) const {
  std::vector<int64_t> texts;
  std::unordered_set<int64_t> seen;
  for (const qdrant::ScoredPoint& scored : reply.points) {
    const auto digest = DigestFromHex(TextAt(scored.point.payload, std::string(kPushedHashKey)));
    if (!digest) continue;
    CODERANK_ASSIGN(const auto text, store_.TextOfHash(*digest));
    if (!text || !seen.insert(*text).second) continue;
    const bool passes =
        passing == nullptr || std::binary_search(passing->begin(), passing->end(), *text);
    if (passes) texts.push_back(*text);
  }
  return texts;
}

float CollectionSource::MeanScore(std::span<const float> query) const {
  return mean_.size() == query.size() ? kernels_.dot(query.data(), mean_.data(), query.size()) : 0;
}

}  // namespace coderank
