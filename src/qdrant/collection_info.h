// What a server says about a collection, and what a new one is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "qdrant/json.h"

namespace coderank::qdrant {

struct VectorField {
  std::string name;  // "": the unnamed one
  uint64_t size = 0;
  std::string distance;   // "Cosine", "Dot", "Euclid", "Manhattan"
  bool multiple = false;  // several vectors a point (late interaction)
};

struct PayloadIndex {
  std::string field;
  Json schema;  // as a request for such an index states it
};

struct CollectionInfo {
  std::string status;  // "green": ready; "yellow": being optimised; "grey", "red"
  uint64_t points = 0;
  uint64_t indexed_vectors = 0;
  std::vector<VectorField> vectors;  // dense ones
  std::vector<std::string> sparse_vectors;
  std::string quantization;         // "binary", "scalar", "product", ...; "": none
  uint64_t indexing_threshold = 0;  // kilobytes of vectors from which a segment is indexed
  std::vector<PayloadIndex> payload_indexes;
  Json metadata;  // an object, or null where there is none or the server is older than 1.16

  // Null where there is none of that name.
  const VectorField* FindVector(std::string_view name) const;
};

// kCorrupt says which field was not as expected.
Result<CollectionInfo> CollectionInfoFrom(const Json& result);

struct NewCollection {
  uint64_t size = 0;
  // Vectors as they came stay on disk; signs of them in memory find the candidates.
  bool binary_quantization = true;
  Json metadata = Json::object();
};

// The body that creates it: cosine, and no graph until SetIndexing, so that points are loaded
// without one being built again and again.
Json CreationOf(const NewCollection& collection);

}  // namespace coderank::qdrant
