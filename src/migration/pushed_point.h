// A chunk of an index as a point of a collection: the payload has the keys that Roo Code reads, and
// ours.
#pragma once

#include <string_view>

#include "base/sha256.h"
#include "qdrant/json.h"
#include "qdrant/point.h"
#include "store/index_store.h"

namespace coderank {

// Payload keys: of texts, of the files' paths below the root, of the SHA-256 of texts in hex.
inline constexpr std::string_view kPushedTextKey = "codeChunk";
inline constexpr std::string_view kPushedPathKey = "filePath";
inline constexpr std::string_view kPushedHashKey = "segmentHash";

// Made of the index, the chunk's place and its text. Pieces of one long line that are alike have
// the same.
qdrant::PointId PushedPointId(std::string_view index_id, const StoredChunk& chunk,
                              const Sha256Digest& text_hash);

qdrant::Json PushedPayload(const StoredChunk& chunk, std::string_view text);

}  // namespace coderank
