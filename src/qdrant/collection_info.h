// What a server says about a collection, and what a new one is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "qdrant/json.h"

namespace coderank::qdrant {

// Candidates that a search takes for each wanted, to be rescored by the originals. The least that
// give recall@10 of 0.98 among a hundred wanted, chosen on one half of the queries (the other half
// in brackets), vectors of all-MiniLM-L6-v2 of 20,000 windows of code in Qdrant's own engine
// (scripts/check_qdrant_recall.py, docs/qdrant.md):
//   query in one bit:   3: 0.955 (0.967)   6: 0.978 (0.982)   8: 0.982 (0.987)
//   query in 8 bits:    2: 0.986 (0.984)   3: 0.990 (0.991), which costs no more
inline constexpr double kOversampling = 3;
inline constexpr double kOversamplingOfOneBit = 8;

// What a server looks at before the originals.
struct Quantization {
  std::string kind;            // "binary", "scalar", "product", ...; "": none
  std::string query_encoding;  // of a binary one: "scalar8bits", ...; "": the vectors' own

  // What is not known to be finer is taken for one bit.
  double Oversampling() const;
};

struct VectorField {
  std::string name;  // "": the unnamed one
  uint64_t size = 0;
  std::string distance;       // "Cosine", "Dot", "Euclid", "Manhattan"
  bool multiple = false;      // several vectors a point (late interaction)
  Quantization quantization;  // its own, or else the collection's
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
  Quantization quantization;
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
