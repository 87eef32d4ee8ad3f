#include "qdrant/collection_info.h"

#include <algorithm>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::qdrant {
namespace {

// {"binary": {"always_ram": true, "query_encoding": "scalar8bits"}}
Quantization QuantizationFrom(const Json& json) {
  if (!json.is_object() || json.empty()) return {};
  return {.kind = json.begin().key(), .query_encoding = TextAt(*json.begin(), "query_encoding")};
}

Result<VectorField> VectorFieldFrom(const std::string& name, const Json& json,
                                    const Quantization& of_collection) {
  VectorField field{.name = name,
                    .size = NumberAt(json, "size"),
                    .distance = TextAt(json, "distance"),
                    .multiple = !Member(json, "multivector_config").is_null(),
                    .quantization = QuantizationFrom(Member(json, "quantization_config"))};
  if (field.quantization.kind.empty()) field.quantization = of_collection;
  if (field.size > 0 && !field.distance.empty()) return field;
  return Corrupt(StrCat("config.params.vectors \"", name, "\": expected size and distance"));
}

// Either one without a name, or an object of them by name.
Result<std::vector<VectorField>> VectorsFrom(const Json& vectors,
                                             const Quantization& of_collection) {
  std::vector<VectorField> fields;
  if (!vectors.is_object()) return fields;
  if (Member(vectors, "size").is_number()) {
    CODERANK_ASSIGN(VectorField field, VectorFieldFrom("", vectors, of_collection));
    fields.push_back(std::move(field));
    return fields;
  }
  for (const auto& [name, json] : vectors.items()) {
    CODERANK_ASSIGN(VectorField field, VectorFieldFrom(name, json, of_collection));
    fields.push_back(std::move(field));
  }
  return fields;
}

std::vector<PayloadIndex> PayloadIndexesFrom(const Json& schema) {
  std::vector<PayloadIndex> indexes;
  if (!schema.is_object()) return indexes;
  for (const auto& [field, json] : schema.items()) {
    const Json& parameters = Member(json, "params");
    Json wanted = parameters.is_object() ? parameters : Member(json, "data_type");
    if (wanted.is_object() && !wanted.contains("type")) wanted["type"] = TextAt(json, "data_type");
    if (!wanted.is_null()) indexes.push_back({.field = field, .schema = std::move(wanted)});
  }
  return indexes;
}

}  // namespace

double Quantization::Oversampling() const {
  const bool finer_query = query_encoding == "scalar8bits" || query_encoding == "scalar4bits";
  const bool is_fine = kind == "scalar" || (kind == "binary" && finer_query);
  return is_fine ? kOversampling : kOversamplingOfOneBit;
}

const VectorField* CollectionInfo::FindVector(std::string_view name) const {
  const auto found = std::find_if(vectors.begin(), vectors.end(),
                                  [&](const VectorField& field) { return field.name == name; });
  return found == vectors.end() ? nullptr : &*found;
}

Result<CollectionInfo> CollectionInfoFrom(const Json& result) {
  const Json& config = Member(result, "config");
  const Json& parameters = Member(config, "params");
  if (!parameters.is_object()) return Corrupt("config.params: expected an object");
  CollectionInfo info{
      .status = TextAt(result, "status"),
      .points = NumberAt(result, "points_count"),
      .indexed_vectors = NumberAt(result, "indexed_vectors_count"),
      .vectors = {},
      .sparse_vectors = {},
      .quantization = QuantizationFrom(Member(config, "quantization_config")),
      .indexing_threshold = NumberAt(Member(config, "optimizer_config"), "indexing_threshold"),
      .payload_indexes = PayloadIndexesFrom(Member(result, "payload_schema")),
      .metadata = Member(config, "metadata")};
  CODERANK_ASSIGN(info.vectors, VectorsFrom(Member(parameters, "vectors"), info.quantization));
  if (const Json& sparse = Member(parameters, "sparse_vectors"); sparse.is_object()) {
    for (const auto& [name, json] : sparse.items()) info.sparse_vectors.push_back(name);
  }
  return info;
}

Json CreationOf(const NewCollection& collection) {
  Json body = {
      {"vectors", {{"size", collection.size}, {"distance", "Cosine"}, {"on_disk", true}}},
      {"on_disk_payload", true},
      // 0: no segment is indexed.
      {"optimizers_config", {{"indexing_threshold", 0}}},
      {"metadata", collection.metadata},
  };
  if (collection.binary_quantization) {
    // A query in 8 bits against vectors in one needs fewer candidates (kOversampling), for no
    // memory.
    body["quantization_config"] = {
        {"binary", {{"always_ram", true}, {"query_encoding", "scalar8bits"}}}};
  }
  return body;
}

}  // namespace coderank::qdrant
