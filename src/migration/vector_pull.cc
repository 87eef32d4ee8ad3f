#include "migration/vector_pull.h"

#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "migration/text_key.h"
#include "qdrant/point_cursor.h"

namespace coderank {
namespace {

constexpr size_t kBatch = 2048;  // rows put into the cache together
// Of a vector's length, from 1, by the rounding of its numbers to half precision: 2^-11 each.
constexpr double kRounding = 1.0 / 2048;

Status CheckVector(const PullSource& source, const qdrant::Point& point) {
  const auto wrong = [&](const auto&... what) {
    return Corrupt(
        StrCat(source.collection, ": point ", point.id.text(), ": expected a vector of ", what...));
  };
  if (point.vector.size() != source.dimension) {
    return wrong(source.dimension, " numbers, found ", point.vector.size());
  }
  double square = 0;
  for (const float number : point.vector) square += static_cast<double>(number) * number;
  const double length = std::sqrt(square);
  return std::abs(length - 1) <= kRounding ? OkStatus() : wrong("length 1, found ", length);
}

}  // namespace

Result<PullCounts> PullVectors(qdrant::Client& client, const PullSource& source,
                               const kernels::KernelSet& kernels, EmbeddingCache& cache,
                               const CancellationToken* cancel) {
  PullCounts counts;
  std::set<Sha256Digest> seen;
  std::vector<CachedEmbedding> rows;
  qdrant::PointCursor cursor(client, source.collection,
                             {.vectors = true, .vector_name = source.vector_name});
  for (;; cursor.Advance()) {
    CODERANK_ASSIGN(const qdrant::Point* const point, cursor.Current());
    if (point == nullptr || rows.size() == kBatch) {
      if (IsCancelled(cancel)) return Cancelled("the pull was cancelled; what came is kept");
      CODERANK_TRY(cache.Add(source.fingerprint, std::exchange(rows, {})));
    }
    if (point == nullptr) return counts;
    ++counts.points;
    const std::string text = TextOf(*point, source.text_key);
    if (text.empty()) continue;
    const Sha256Digest hash = Sha256Of(text);
    if (!seen.insert(hash).second) continue;
    CODERANK_TRY(CheckVector(source, *point));
    CachedEmbedding row{.sha256 = hash, .row = std::vector<uint16_t>(source.dimension)};
    kernels.f32_to_f16(point->vector.data(), point->vector.size(), row.row.data());
    rows.push_back(std::move(row));
    ++counts.vectors;
  }
}

}  // namespace coderank
