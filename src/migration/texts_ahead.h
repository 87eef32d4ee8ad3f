// What a migration is going to give to its model, before it begins: how much, and how long it
// takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "migration/document_vectors.h"
#include "qdrant/point.h"

namespace coderank {

struct TextsAhead {
  std::string collection;  // that they are of, an alias followed
  uint64_t texts = 0;      // about
  uint64_t bytes = 0;
  double seconds = 0;  // 0: not measured
};

// Of `points` points, of which those of `sample` are taken to be typical.
TextsAhead CountTextsAhead(std::span<const qdrant::Point> sample, std::string_view text_key,
                           uint64_t points);

// Texts that are embedded to measure the time.
inline constexpr size_t kTimedTexts = 16;

// Embeds some texts of the sample and sets `ahead.seconds`. Returns how many of them were cut.
Result<uint64_t> MeasureTime(std::span<const qdrant::Point> sample, std::string_view text_key,
                             const DocumentVectors& vectors, const CancellationToken* cancel,
                             TextsAhead& ahead);

}  // namespace coderank
