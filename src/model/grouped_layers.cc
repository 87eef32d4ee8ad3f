#include "model/grouped_layers.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/dequantize.h"
#include "nn/grouped_linear.h"

namespace coderank {
namespace {

// What a GroupedLinear's views refer to.
struct OwnedWeights {
  GroupedColumns columns;
  std::vector<float> bias;  // [padded columns], or empty
};

// Sections of a projection in the packed file, by the name of its first weight tensor. What
// stays f32 and tables are sections by their tensors' own names, the latter in f16.
struct Sections {
  explicit Sections(std::string_view weight)
      : values(StrCat(weight, "#values")),
        scales(StrCat(weight, "#scales")),
        bias(StrCat(weight, "#bias")) {}

  std::string values, scales, bias;
};

Status WriteProjection(const ProjectionSpec& spec, const OwnedWeights& owned,
                       PackedFileWriter& writer) {
  const Sections names(spec.weights.front());
  CODERANK_TRY(writer.Add(names.values, owned.columns.values()));
  CODERANK_TRY(writer.Add(names.scales, owned.columns.scales()));
  if (owned.bias.empty()) return OkStatus();
  return writer.Add(names.bias, std::span<const float>(owned.bias));
}

size_t ColumnsOf(const ProjectionSpec& spec) { return spec.gated ? 2 * spec.out : spec.out; }

std::unique_ptr<nn::Projection> MakeLinear(const kernels::KernelSet& kernels,
                                           const ProjectionSpec& spec,
                                           const kernels::GroupedWeights& weights,
                                           std::shared_ptr<const void> owner) {
  return std::make_unique<nn::GroupedLinear>(kernels,
                                             nn::GroupedParameters{.in = spec.in,
                                                                   .out = spec.out,
                                                                   .gated = spec.gated,
                                                                   .weights = weights,
                                                                   .owner = std::move(owner)});
}

Status NotFinite(const WeightFiles::Matrix& matrix, size_t row) {
  return Corrupt(StrCat(
      matrix.where, ": expected finite numbers that fit f16 scales, found others in row ", row));
}

}  // namespace

// The widest that any of the stacked tensors needs, which are all there then: memory is taken for
// nothing else.
Result<GroupBits> QuantizingLayers::BitsOf(const ProjectionSpec& spec) const {
  GroupBits bits = GroupBits::kFour;
  for (size_t i = 0; i < spec.weights.size(); ++i) {
    CODERANK_ASSIGN(const auto matrix,
                    files_->FindMatrix(spec.weights[i], spec.RowsOf(i), spec.in));
    if (BitsFor(matrix.type) == GroupBits::kEight) bits = GroupBits::kEight;
  }
  return bits_.value_or(bits);
}

// Sets the columns from `first` on; each thread whole panels, since a panel's columns share bytes.
Status QuantizingLayers::SetColumns(const WeightFiles::Matrix& matrix, size_t first,
                                    GroupedColumns& columns) const {
  constexpr size_t kNone = SIZE_MAX;
  const size_t last = first + matrix.rows;
  const size_t first_panel = first / kernels::kGroupedPanel;
  const size_t panels = (last - 1) / kernels::kGroupedPanel + 1 - first_panel;
  std::atomic<size_t> bad = kNone;
  pool_->ParallelFor(panels, [&](size_t i) {
    const size_t begin = std::max(first, (first_panel + i) * kernels::kGroupedPanel);
    const size_t end = std::min(last, (first_panel + i + 1) * kernels::kGroupedPanel);
    for (size_t column = begin; column < end; ++column) {
      const auto row = matrix.Row(column - first);
      const bool set = columns.TakesBlocks(matrix.type)
                           ? columns.SetBlocks(column, matrix.type, row)
                           : columns.SetFloats(column, *ToFloats(matrix.type, row));
      if (!set) bad = column - first;
    }
  });
  return bad == kNone ? OkStatus() : NotFinite(matrix, bad);
}

Result<std::unique_ptr<nn::Projection>> QuantizingLayers::Projection(const ProjectionSpec& spec) {
  CODERANK_ASSIGN(const GroupBits bits, BitsOf(spec));
  auto owned = std::make_shared<OwnedWeights>(
      OwnedWeights{GroupedColumns(ColumnsOf(spec), spec.in, bits), {}});
  size_t first = 0;
  for (size_t i = 0; i < spec.weights.size(); ++i) {
    CODERANK_ASSIGN(const auto matrix,
                    files_->FindMatrix(spec.weights[i], spec.RowsOf(i), spec.in));
    CODERANK_TRY(SetColumns(matrix, first, owned->columns));
    first += matrix.rows;
  }
  for (size_t i = 0; i < spec.biases.size(); ++i) {
    const uint64_t shape[] = {spec.RowsOf(i)};
    CODERANK_ASSIGN(const auto part, files_->Read(spec.biases[i], shape));
    owned->bias.insert(owned->bias.end(), part.begin(), part.end());
  }
  kernels::GroupedWeights weights = owned->columns.weights();
  if (!owned->bias.empty()) {
    owned->bias.resize(weights.columns);
    weights.bias = owned->bias.data();
  }
  if (writer_ != nullptr) CODERANK_TRY(WriteProjection(spec, *owned, *writer_));
  return MakeLinear(*kernels_, spec, weights, std::move(owned));
}

Result<nn::LayerNorm> QuantizingLayers::Norm(const NormSpec& spec) {
  return NormOfFloats(*this, *kernels_, spec);
}

Result<std::vector<float>> QuantizingLayers::Floats(const std::string& tensor,
                                                    std::span<const uint64_t> shape) {
  CODERANK_ASSIGN(auto numbers, files_->Read(tensor, shape));
  if (writer_ != nullptr) CODERANK_TRY(writer_->Add(tensor, std::span<const float>(numbers)));
  return numbers;
}

// Row by row: a table in f32 would be the largest thing in memory.
Result<nn::Embedding> QuantizingLayers::Embedding(const std::string& tensor, size_t rows,
                                                  size_t n) {
  CODERANK_ASSIGN(const auto matrix, files_->FindMatrix(tensor, rows, n));
  auto table = std::make_shared<std::vector<uint16_t>>(rows * n);
  for (size_t row = 0; row < rows; ++row) {
    const auto numbers = ToFloats(matrix.type, matrix.Row(row));
    kernels_->f32_to_f16(numbers->data(), n, table->data() + row * n);
  }
  const std::span<const uint16_t> view(*table);
  if (writer_ != nullptr) CODERANK_TRY(writer_->Add(tensor, view));
  return nn::Embedding(*kernels_, view, n, table);
}

// A tied head stands under the embedding's name with the values of a projection.
bool PackedGroupedLayers::Contains(std::string_view tensor) const {
  return file()->Contains(tensor) || file()->Contains(Sections(tensor).values);
}

Result<std::unique_ptr<nn::Projection>> PackedGroupedLayers::Projection(
    const ProjectionSpec& spec) {
  const Sections names(spec.weights.front());
  CODERANK_ASSIGN(const auto values, file()->Numbers<uint8_t>(names.values));
  const size_t columns = PaddedColumns(ColumnsOf(spec));
  const size_t groups = GroupsOf(spec.in);
  // The bits of a weight follow from the size.
  const bool small = values.size() == GroupedValueBytes(columns, groups, GroupBits::kFour);
  const GroupBits bits = small ? GroupBits::kFour : GroupBits::kEight;
  const auto whole =
      file()->Numbers<uint8_t>(names.values, GroupedValueBytes(columns, groups, bits));
  if (!whole) return whole.error();
  CODERANK_ASSIGN(const auto scales,
                  file()->Numbers<uint16_t>(names.scales, GroupedScales(columns, groups, bits)));
  kernels::GroupedWeights weights{.bits = static_cast<int>(bits),
                                  .values = values.data(),
                                  .scales = scales.data(),
                                  .bias = nullptr,
                                  .columns = columns,
                                  .groups = groups};
  if (!spec.biases.empty()) {
    CODERANK_ASSIGN(const auto bias, file()->Numbers<float>(names.bias, columns));
    weights.bias = bias.data();
  }
  return MakeLinear(kernels(), spec, weights, file());
}

}  // namespace coderank
