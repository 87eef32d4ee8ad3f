#include "migration/collection_mark.h"

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
  const Json& json = qdrant::Member(metadata, kKey);
  if (!json.is_object()) return std::nullopt;
  return CollectionMark{.state = qdrant::TextAt(json, "state"),
                        .model = qdrant::TextAt(json, "model"),
                        .fingerprint = qdrant::TextAt(json, "fingerprint"),
                        .text_key = qdrant::TextAt(json, "text_key"),
                        .source = qdrant::TextAt(json, "source"),
                        .split = qdrant::Member(json, "split") == true,
                        .alias = qdrant::TextAt(json, "alias"),
                        .replaced = qdrant::TextAt(json, "replaced"),
                        .snapshot = qdrant::TextAt(json, "snapshot"),
                        .points = qdrant::NumberAt(json, "points"),
                        .chunk_generation = qdrant::NumberAt(json, "chunk_generation"),
                        .vector_generation = qdrant::NumberAt(json, "vector_generation")};
}

}  // namespace coderank
