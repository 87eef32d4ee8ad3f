// In which order texts get their vectors, when there may be no time for all.
//
//   1. texts of recently changed files, the latest first: what somebody works on is asked about
//   2. texts of the other files, the most referenced first
//
// A file counts as recent when it changed clearly later than most of the tree: a checkout gives
// all files about the same time, which says nothing. It is referenced once by every file whose
// first chunk, where includes and imports stand, holds its stem as a word.
#pragma once

#include <cstdint>
#include <vector>

#include "coderank/result.h"
#include "store/index_store.h"

namespace coderank {

struct TextToEmbed {
  int64_t id = 0;
  uint64_t size = 0;  // bytes
};

// Every pending text once. Equal ranks keep the order of their files' paths, then of their chunks.
Result<std::vector<TextToEmbed>> EmbeddingOrder(const IndexStore& store);

}  // namespace coderank
