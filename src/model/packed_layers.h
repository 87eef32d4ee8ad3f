// The int8 layers of a model, as views of its packed file, and the names of that file's sections.
#pragma once

#include <memory>
#include <string>

#include "kernels/kernel_set.h"
#include "model/layer_source.h"
#include "model/packed_file.h"

namespace coderank {

// Sections of a projection, by the name of its first weight tensor. Norms, plain numbers and tables
// are sections by their tensors' own names, in f32, f32 and f16.
struct ProjectionSections {
  explicit ProjectionSections(const ProjectionSpec& spec);

  std::string panels, scale, sum, bias, outlier_weights, outlier_channels, channel_scale;
};

// The layers keep the file mapped.
class PackedLayers : public LayerSource {
 public:
  PackedLayers(std::shared_ptr<const PackedFile> file, const kernels::KernelSet& kernels)
      : file_(std::move(file)), kernels_(&kernels) {}

  bool rounded() const override { return true; }
  bool Contains(std::string_view tensor) const override { return file_->Contains(tensor); }
  Result<std::unique_ptr<nn::Projection>> Projection(const ProjectionSpec& spec) override;
  Result<nn::LayerNorm> Norm(const NormSpec& spec) override;
  Result<std::vector<float>> Floats(const std::string& tensor,
                                    std::span<const uint64_t> shape) override;
  Result<nn::Embedding> Embedding(const std::string& tensor, size_t rows, size_t n) override;

 private:
  std::shared_ptr<const PackedFile> file_;
  const kernels::KernelSet* kernels_;
};

}  // namespace coderank
