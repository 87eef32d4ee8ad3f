// What a collection made by coderank says about itself: the object "coderank" of its metadata.
// A contract between versions: add, do not change.
#pragma once

#include <optional>
#include <string>

#include "qdrant/json.h"

namespace coderank {

struct CollectionMark {
  // "loading": points are still being copied. "complete": verified. "switching": its source is
  // being deleted to make way for an alias. "switched": `alias` is its own. "returning": the name
  // is being given back.
  std::string state;
  std::string model;
  std::string fingerprint;  // of the model
  std::string text_key;
  std::string source;  // the collection that it was made from
  bool split = false;  // texts that the model cuts are several points
  // Of one that took a name:
  std::string alias;     // the name
  std::string replaced;  // the collection that had the alias before, or
  std::string snapshot;  // the file that holds the collection that had the name
  uint64_t points = 0;   // in that
  // Of an index's chunks: the state of the store that the collection has taken in, and its points
  // then (`points`).
  uint64_t chunk_generation = 0;
  uint64_t vector_generation = 0;
};

inline constexpr std::string_view kLoading = "loading";
inline constexpr std::string_view kComplete = "complete";
inline constexpr std::string_view kSwitching = "switching";
inline constexpr std::string_view kSwitched = "switched";
inline constexpr std::string_view kReturning = "returning";

// The collection's metadata with the mark.
qdrant::Json MetadataOf(const CollectionMark& mark);
// No value for a collection that others made.
std::optional<CollectionMark> MarkFrom(const qdrant::Json& metadata);

}  // namespace coderank
