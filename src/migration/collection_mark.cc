#include "migration/collection_mark.h"

#include "json/json.h"

namespace coderank {
namespace {

using qdrant::Json;

constexpr const char* kKey = "coderank";

}  // namespace

Json MetadataOf(const CollectionMark& mark) {
  return {{kKey,
           {{"state", mark.state},
            {"model", mark.model},
            {"fingerprint", mark.fingerprint},
            {"text_key", mark.text_key},
            {"source", mark.source},
            {"split", mark.split},
            {"alias", mark.alias},
            {"replaced", mark.replaced},
            {"snapshot", mark.snapshot},
            {"points", mark.points},
            {"chunk_generation", mark.chunk_generation},
            {"vector_generation", mark.vector_generation}}}};
}

std::optional<CollectionMark> MarkFrom(const Json& metadata) {
  const Json& json = Member(metadata, kKey);
  if (!json.is_object()) return std::nullopt;
  return CollectionMark{.state = TextAt(json, "state"),
                        .model = TextAt(json, "model"),
                        .fingerprint = TextAt(json, "fingerprint"),
                        .text_key = TextAt(json, "text_key"),
                        .source = TextAt(json, "source"),
                        .split = Member(json, "split") == true,
                        .alias = TextAt(json, "alias"),
                        .replaced = TextAt(json, "replaced"),
                        .snapshot = TextAt(json, "snapshot"),
                        .points = NumberAt(json, "points"),
                        .chunk_generation = NumberAt(json, "chunk_generation"),
                        .vector_generation = NumberAt(json, "vector_generation")};
}

}  // namespace coderank
