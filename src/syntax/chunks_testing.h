// What has to hold for the chunks of any text, for the tests of this layer and the fuzz target.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "source/chunker.h"

namespace coderank {

// Says what is wrong, or nothing. `text` is valid UTF-8.
std::string FaultOf(std::string_view text, const std::vector<Chunk>& chunks,
                    const ChunkLimits& limits);

}  // namespace coderank
