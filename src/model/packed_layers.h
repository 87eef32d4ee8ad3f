// The layers of a model as views of its packed file: what all such files have alike, the int8 ones,
// and the names of their sections.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/kernel_set.h"
#include "model/layer_source.h"
#include "model/packed_file.h"

namespace coderank {

// Norms, plain numbers and tables: sections by their tensors' own names, in f32, f32 and f16. How a
// projection is kept differs. The layers keep the file mapped.
class PackedLayerSource : public LayerSource {
 public:
  PackedLayerSource(std::shared_ptr<const PackedFile> file, const kernels::KernelSet& kernels)
      : file_(std::move(file)), kernels_(&kernels) {}

  bool rounded() const override { return true; }
  bool Contains(std::string_view tensor) const override { return file_->Contains(tensor); }
  Result<nn::LayerNorm> Norm(const NormSpec& spec) override;
  Result<std::vector<float>> Floats(const std::string& tensor,
                                    std::span<const uint64_t> shape) override;
  Result<nn::Embedding> Embedding(const std::string& tensor, size_t rows, size_t n) override;

 protected:
  const std::shared_ptr<const PackedFile>& file() const { return file_; }
  const kernels::KernelSet& kernels() const { return *kernels_; }

 private:
  std::shared_ptr<const PackedFile> file_;
  const kernels::KernelSet* kernels_;
};

// Sections of a projection in int8, by the name of its first weight tensor.
struct ProjectionSections {
  explicit ProjectionSections(const ProjectionSpec& spec);

  std::string panels, scale, sum, bias, outlier_weights, outlier_channels, channel_scale;
};

class PackedLayers : public PackedLayerSource {
 public:
  using PackedLayerSource::PackedLayerSource;

  Result<std::unique_ptr<nn::Projection>> Projection(const ProjectionSpec& spec) override;
};

}  // namespace coderank
