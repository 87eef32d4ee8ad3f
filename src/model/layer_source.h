// LayerSource: where an architecture gets its layers from, so that its file is about equations and
// names only: f32 from the model's own weight files (float_layers.h) or int8 from a packed file
// (packed_layers.h).
//
// Names are those of the tensors in the model's safetensors files, whatever the source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "nn/embedding.h"
#include "nn/layer_norm.h"
#include "nn/projection.h"

namespace coderank {

struct ProjectionSpec {
  // Tensors [out / weights.size(), in], stacked along `out`; gated: up and gate, each [out, in].
  std::vector<std::string> weights;
  std::vector<std::string> biases;  // one per weight, or none
  size_t in;
  size_t out;
  bool gated = false;
  // [weights.size()]: rows of each weight, where they are not equal shares of `out`.
  std::vector<size_t> rows{};

  size_t RowsOf(size_t weight) const {
    if (gated) return out;
    return rows.empty() ? out / weights.size() : rows[weight];
  }
};

struct NormSpec {
  std::string gamma;
  std::string beta;
  size_t n;
  float epsilon;
};

class LayerSource {
 public:
  virtual ~LayerSource() = default;

  // Whether the layers round their inputs: the products between activations may do so then, too.
  virtual bool rounded() const = 0;
  virtual bool Contains(std::string_view tensor) const = 0;
  // kCorrupt, naming file and tensor, where a tensor is missing or not as specified.
  virtual Result<std::unique_ptr<nn::Projection>> Projection(const ProjectionSpec& spec) = 0;
  virtual Result<nn::LayerNorm> Norm(const NormSpec& spec) = 0;
  // Numbers that stay f32 whatever the source: of layers too small to gain by rounding.
  virtual Result<std::vector<float>> Floats(const std::string& tensor,
                                            std::span<const uint64_t> shape) = 0;
  // A table [rows, n].
  virtual Result<nn::Embedding> Embedding(const std::string& tensor, size_t rows, size_t n) = 0;
};

// Norm of a source that keeps norms as it keeps plain numbers.
Result<nn::LayerNorm> NormOfFloats(LayerSource& source, const kernels::KernelSet& kernels,
                                   const NormSpec& spec);

}  // namespace coderank
