#include "migration/texts_ahead.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/try.h"
#include "migration/text_key.h"

namespace coderank {

TextsAhead CountTextsAhead(std::span<const qdrant::Point> sample, std::string_view text_key,
                           uint64_t points) {
  if (sample.empty()) return {};
  double texts = 0;
  double bytes = 0;
  for (const qdrant::Point& point : sample) {
    const size_t size = TextOf(point, text_key).size();
    texts += size > 0 ? 1 : 0;
    bytes += static_cast<double>(size);
  }
  const double scale = static_cast<double>(points) / static_cast<double>(sample.size());
  return {.collection = {},
          .texts = static_cast<uint64_t>(std::llround(texts * scale)),
          .bytes = static_cast<uint64_t>(std::llround(bytes * scale))};
}

Result<uint64_t> MeasureTime(std::span<const qdrant::Point> sample, std::string_view text_key,
                             const DocumentVectors& vectors, const CancellationToken* cancel,
                             TextsAhead& ahead) {
  std::vector<std::string> texts;
  uint64_t bytes = 0;
  for (const qdrant::Point& point : sample) {
    std::string text = TextOf(point, text_key);
    if (text.empty() || texts.size() == kTimedTexts) continue;
    bytes += text.size();
    texts.push_back(std::move(text));
  }
  if (texts.empty()) return uint64_t{0};
  const auto start = std::chrono::steady_clock::now();
  CODERANK_ASSIGN(const auto made, vectors.Computed(texts, cancel));
  const double taken = SecondsSince(start);
  ahead.seconds = taken / static_cast<double>(bytes) * static_cast<double>(ahead.bytes);
  return static_cast<uint64_t>(std::count_if(
      made.begin(), made.end(), [](const DocumentVector& vector) { return vector.truncated; }));
}

}  // namespace coderank
