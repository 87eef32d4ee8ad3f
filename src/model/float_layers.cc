#include "model/float_layers.h"

#include <span>
#include <utility>

#include "base/try.h"
#include "nn/linear.h"

namespace coderank {
namespace {

Result<std::vector<float>> ReadVector(const WeightFiles& files, const std::string& name, size_t n) {
  const uint64_t shape[] = {n};
  return files.Read(name, shape);
}

}  // namespace

Result<std::vector<float>> ReadWeights(const WeightFiles& files, const ProjectionSpec& spec) {
  std::vector<float> stacked;
  for (size_t i = 0; i < spec.weights.size(); ++i) {
    const uint64_t shape[] = {spec.RowsOf(i), spec.in};
    CODERANK_ASSIGN(std::vector<float> part, files.Read(spec.weights[i], shape));
    if (spec.weights.size() == 1) return part;
    stacked.insert(stacked.end(), part.begin(), part.end());
  }
  return stacked;
}

Result<std::vector<float>> ReadBiases(const WeightFiles& files, const ProjectionSpec& spec) {
  std::vector<float> stacked;
  for (size_t i = 0; i < spec.biases.size(); ++i) {
    CODERANK_ASSIGN(const auto part, ReadVector(files, spec.biases[i], spec.RowsOf(i)));
    stacked.insert(stacked.end(), part.begin(), part.end());
  }
  return stacked;
}

Result<std::unique_ptr<nn::Projection>> FloatLayers::Projection(const ProjectionSpec& spec) {
  CODERANK_ASSIGN(const std::vector<float> weight, ReadWeights(*files_, spec));
  CODERANK_ASSIGN(std::vector<float> bias, ReadBiases(*files_, spec));
  const size_t layer = projections_.size();
  projections_.push_back(spec);
  std::unique_ptr<nn::Projection> made;
  if (spec.gated) {
    const std::span<const float> both(weight);
    const size_t half = both.size() / 2;
    made = std::make_unique<nn::GatedLinear>(*kernels_, both.first(half), both.subspan(half),
                                             spec.in, spec.out, layer);
  } else {
    made =
        std::make_unique<nn::Linear>(*kernels_, weight, std::move(bias), spec.in, spec.out, layer);
  }
  return made;
}

Result<nn::LayerNorm> FloatLayers::Norm(const NormSpec& spec) {
  CODERANK_ASSIGN(std::vector<float> gamma, ReadVector(*files_, spec.gamma, spec.n));
  CODERANK_ASSIGN(std::vector<float> beta, ReadVector(*files_, spec.beta, spec.n));
  norms_.push_back(spec);
  return nn::LayerNorm(*kernels_, std::move(gamma), std::move(beta), spec.epsilon);
}

Result<std::vector<float>> FloatLayers::Floats(const std::string& tensor,
                                               std::span<const uint64_t> shape) {
  CODERANK_ASSIGN(std::vector<float> values, files_->Read(tensor, shape));
  floats_.push_back({.tensor = tensor, .shape = {shape.begin(), shape.end()}});
  return values;
}

Result<nn::Embedding> FloatLayers::Embedding(const std::string& tensor, size_t rows, size_t n) {
  const uint64_t shape[] = {rows, n};
  CODERANK_ASSIGN(std::vector<float> table, files_->Read(tensor, shape));
  tables_.push_back({.tensor = tensor, .rows = rows, .n = n});
  return nn::Embedding(*kernels_, std::move(table), n);
}

}  // namespace coderank
