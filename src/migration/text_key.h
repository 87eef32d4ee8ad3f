// Which part of a point's payload is the text that its vector was made of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "qdrant/point.h"

namespace coderank {

struct TextKeyCandidate {
  std::string key;        // a path as the server writes them: "text", "metadata.text"
  double share = 0;       // of the points that have a text there
  double mean_bytes = 0;  // of those texts
};

// All places of texts in the payloads, the likeliest first: names that programs use for it, then
// what holds most text.
std::vector<TextKeyCandidate> TextKeyCandidates(std::span<const qdrant::Point> sample);

// `given` where it is in the sample, else the likeliest. kInvalidArgument lists what there is.
Result<std::string> ChooseTextKey(std::span<const qdrant::Point> sample, const std::string& given,
                                  const std::string& collection);

// "" where the point has no text at that key.
std::string TextOf(const qdrant::Point& point, std::string_view key);

}  // namespace coderank
