// Points for what a model's length limit cuts off: a text that is too long becomes several, of
// which the first is the point itself.
//
// A part is a point of its own: the payload of its parent, with the part for the text, and two keys
// that say whose it is. Its id is made of the model, the parent's id and its number, so that a part
// is known as one of ours and is written to the same place again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "migration/document_vectors.h"
#include "qdrant/point.h"

namespace coderank {

inline constexpr std::string_view kParentKey = "coderank_parent";  // the parent's id, as text
inline constexpr std::string_view kPartKey = "coderank_part";      // 2, 3, ...

// Near the middle: at the end of a line, else behind a space, else between two characters. Both
// halves joined are the text. Precondition: more than one character.
size_t MiddleOf(std::string_view text);

// Parts 2, 3, ... of a point whose text at `text_key` the model cuts, with their vectors.
Result<std::vector<qdrant::Point>> PartsOf(const qdrant::Point& parent, std::string_view text_key,
                                           DocumentVectors& vectors,
                                           const CancellationToken* cancel);

// Whether PartsOf has made it with the model of that fingerprint.
bool IsPart(const qdrant::Point& point, std::string_view fingerprint);

}  // namespace coderank
