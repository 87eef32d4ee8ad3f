// The layers of a decoder with weights of 8 or 4 bits in groups: made from its weight files, or as
// views of the packed file that keeps them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_set.h"
#include "model/group_weights.h"
#include "model/layer_source.h"
#include "model/packed_file.h"
#include "model/packed_layers.h"
#include "model/weight_files.h"

namespace coderank {

// Quantises each projection when it is asked for. Tables become f16. Where
// there is a writer, everything that was asked for goes into its file, too. Not thread-safe.
class QuantizingLayers : public LayerSource {
 public:
  // `bits`: of every weight; without it as the file's types say (BitsFor). All must outlive this.
  QuantizingLayers(const WeightFiles& files, const kernels::KernelSet& kernels, ThreadPool& pool,
                   std::optional<GroupBits> bits = std::nullopt, PackedFileWriter* writer = nullptr)
      : files_(&files), kernels_(&kernels), pool_(&pool), bits_(bits), writer_(writer) {}

  bool rounded() const override { return true; }
  bool Contains(std::string_view tensor) const override { return files_->Contains(tensor); }
  Result<std::unique_ptr<nn::Projection>> Projection(const ProjectionSpec& spec) override;
  Result<nn::LayerNorm> Norm(const NormSpec& spec) override;
  Result<std::vector<float>> Floats(const std::string& tensor,
                                    std::span<const uint64_t> shape) override;
  Result<nn::Embedding> Embedding(const std::string& tensor, size_t rows, size_t n) override;

 private:
  Result<GroupBits> BitsOf(const ProjectionSpec& spec) const;
  Status SetColumns(const WeightFiles::Matrix& matrix, size_t first, GroupedColumns& columns) const;

  const WeightFiles* files_;
  const kernels::KernelSet* kernels_;
  ThreadPool* pool_;
  std::optional<GroupBits> bits_;
  PackedFileWriter* writer_;
};

class PackedGroupedLayers : public PackedLayerSource {
 public:
  using PackedLayerSource::PackedLayerSource;

  bool Contains(std::string_view tensor) const override;
  Result<std::unique_ptr<nn::Projection>> Projection(const ProjectionSpec& spec) override;
};

}  // namespace coderank
