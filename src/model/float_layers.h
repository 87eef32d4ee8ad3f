// The f32 layers of a model, read from its weight files.
#pragma once

#include <vector>

#include "kernels/kernel_set.h"
#include "model/layer_source.h"
#include "model/weight_files.h"

namespace coderank {

// Reads the tensors of `spec` stacked to [out, in] ([2 * out, in] for gated ones), and the biases.
Result<std::vector<float>> ReadWeights(const WeightFiles& files, const ProjectionSpec& spec);
Result<std::vector<float>> ReadBiases(const WeightFiles& files, const ProjectionSpec& spec);

// Keeps a list of what it gave: the packer's plan. Not thread-safe.
class FloatLayers : public LayerSource {
 public:
  struct Table {
    std::string tensor;
    size_t rows;
    size_t n;
  };
  struct Plain {
    std::string tensor;
    std::vector<uint64_t> shape;
  };

  FloatLayers(const WeightFiles& files, const kernels::KernelSet& kernels)
      : files_(&files), kernels_(&kernels) {}

  bool rounded() const override { return false; }
  bool Contains(std::string_view tensor) const override { return files_->Contains(tensor); }
  Result<std::unique_ptr<nn::Projection>> Projection(const ProjectionSpec& spec) override;
  Result<nn::LayerNorm> Norm(const NormSpec& spec) override;
  Result<std::vector<float>> Floats(const std::string& tensor,
                                    std::span<const uint64_t> shape) override;
  Result<nn::Embedding> Embedding(const std::string& tensor, size_t rows, size_t n) override;

  // A projection's place here is the number that an nn::ActivationObserver sees.
  const std::vector<ProjectionSpec>& projections() const { return projections_; }
  const std::vector<NormSpec>& norms() const { return norms_; }
  const std::vector<Table>& tables() const { return tables_; }
  const std::vector<Plain>& floats() const { return floats_; }

 private:
  const WeightFiles* files_;
  const kernels::KernelSet* kernels_;
  std::vector<ProjectionSpec> projections_;
  std::vector<NormSpec> norms_;
  std::vector<Table> tables_;
  std::vector<Plain> floats_;
};

}  // namespace coderank
