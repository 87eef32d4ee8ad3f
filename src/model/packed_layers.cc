#include "model/packed_layers.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "model/quantize.h"
#include "nn/int8_linear.h"

namespace coderank {

Result<nn::LayerNorm> PackedLayerSource::Norm(const NormSpec& spec) {
  return NormOfFloats(*this, *kernels_, spec);
}

Result<std::vector<float>> PackedLayerSource::Floats(const std::string& tensor,
                                                     std::span<const uint64_t> shape) {
  size_t count = 1;
  for (const uint64_t extent : shape) count *= extent;
  CODERANK_ASSIGN(const auto view, file_->Numbers<float>(tensor, count));
  return std::vector<float>(view.begin(), view.end());
}

Result<nn::Embedding> PackedLayerSource::Embedding(const std::string& tensor, size_t rows,
                                                   size_t n) {
  CODERANK_ASSIGN(const auto table, file_->Numbers<uint16_t>(tensor, rows * n));
  return nn::Embedding(*kernels_, table, n, file_);
}

ProjectionSections::ProjectionSections(const ProjectionSpec& spec) {
  const std::string& name = spec.weights.front();
  panels = StrCat(name, "#panels");
  scale = StrCat(name, "#scale");
  sum = StrCat(name, "#sum");
  bias = StrCat(name, "#bias");
  outlier_weights = StrCat(name, "#outlier_weights");
  outlier_channels = StrCat(name, "#outlier_channels");
  channel_scale = StrCat(name, "#channel_scale");
}

Result<std::unique_ptr<nn::Projection>> PackedLayers::Projection(const ProjectionSpec& spec) {
  const ProjectionSections names(spec);
  const size_t columns = QuantizedColumns(spec);
  const size_t depth = QuantizedDepth(spec);
  CODERANK_ASSIGN(const auto panels, file()->Numbers<int8_t>(names.panels, columns * depth));
  CODERANK_ASSIGN(const auto scale, file()->Numbers<float>(names.scale, columns));
  CODERANK_ASSIGN(const auto sum, file()->Numbers<float>(names.sum, columns));
  CODERANK_ASSIGN(const auto channels, file()->Numbers<uint32_t>(names.outlier_channels));
  CODERANK_ASSIGN(const auto outliers,
                  file()->Numbers<float>(names.outlier_weights, channels.size() * columns));
  CODERANK_ASSIGN(const auto channel_scale, file()->Numbers<float>(names.channel_scale, spec.in));
  const float* bias = nullptr;
  if (!spec.biases.empty()) {
    CODERANK_ASSIGN(const auto numbers, file()->Numbers<float>(names.bias, columns));
    bias = numbers.data();
  }
  if (std::any_of(channels.begin(), channels.end(), [&](uint32_t c) { return c >= spec.in; })) {
    return Corrupt(StrCat(file()->source(), ": section \"", names.outlier_channels,
                          "\": expected channels below ", spec.in));
  }
  std::unique_ptr<nn::Projection> made = std::make_unique<nn::Int8Linear>(
      kernels(), nn::Int8Parameters{.in = spec.in,
                                    .out = spec.out,
                                    .gated = spec.gated,
                                    .weights = {.panels = panels.data(),
                                                .scale = scale.data(),
                                                .sum = sum.data(),
                                                .bias = bias,
                                                .outliers = outliers.data(),
                                                .columns = columns,
                                                .depth = depth,
                                                .outlier_count = channels.size()},
                                    .channel_scale = channel_scale,
                                    .outlier_channels = channels,
                                    .owner = file()});
  return made;
}

}  // namespace coderank
