// FormChunks: the chunks of a text whose outline is known.
//
// A definition is a chunk of its own unless it is small; small neighbours in one scope share a
// chunk. A container that is too large is cut between its members, anything else that is too large
// between lines, where the cut divides the fewest levels of syntax. Doc comments and decorators
// stay with what they belong to. Lines stay whole.
#pragma once

#include <string_view>
#include <vector>

#include "source/chunker.h"
#include "syntax/outline.h"

namespace coderank {

// Whatever the outline says: spans are disjoint, ascending, cover every non-blank byte once and
// keep to the limits, and names are valid UTF-8. Linear, but for sorting. `text` is valid UTF-8.
std::vector<Chunk> FormChunks(std::string_view text, const Outline& outline,
                              const ChunkLimits& limits);

}  // namespace coderank
