#include "engine/vector_mean.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "search/index_segments.h"
#include "store/vector_row.h"

namespace coderank {
namespace {

// "CHANGES NUMBER NUMBER ...": vectors that came or went since, and the mean.
constexpr std::string_view kMetaMean = "vector_mean";
// So many are read in some 20 ms. Of more, the mean is kept as long as the files beside an index
// keep theirs: kDeltaShare.
constexpr uint64_t kFewVectors = 20'000;

struct KeptMean {
  uint64_t changes = 0;
  std::vector<float> mean;
};

template <typename T>
bool TakeNumber(std::string_view& text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return true;
}

std::optional<KeptMean> Parse(std::string_view text, size_t dimension) {
  KeptMean kept;
  if (!TakeNumber(text, kept.changes)) return std::nullopt;
  for (float number = 0; TakeNumber(text, number);) kept.mean.push_back(number);
  if (!text.empty() || kept.mean.size() != dimension) return std::nullopt;
  return kept;
}

std::string TextOf(const KeptMean& kept) {
  std::string text = std::to_string(kept.changes);
  std::array<char, 32> digits{};
  for (const float number : kept.mean) {  // the shortest digits that give it back
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text += StrCat(" ", std::string_view(digits.data(), end));
  }
  return text;
}

Result<std::vector<float>> Compute(const IndexStore& store, const kernels::KernelSet& kernels,
                                   size_t dimension) {
  std::vector<double> sum(dimension);
  std::vector<float> row(dimension);
  size_t count = 0;
  CODERANK_TRY(store.ScanVectors(dimension, [&](int64_t /*id*/, const uint16_t* stored) {
    if (!IsUnitRow({stored, dimension})) return;  // damaged
    kernels.f16_to_f32(stored, dimension, row.data());
    for (size_t i = 0; i < dimension; ++i) sum[i] += row[i];
    ++count;
  }));
  std::vector<float> mean(dimension);
  const double rows = static_cast<double>(std::max<size_t>(count, 1));
  for (size_t i = 0; i < dimension; ++i) mean[i] = static_cast<float>(sum[i] / rows);
  return mean;
}

}  // namespace

Result<std::vector<float>> VectorMean(const IndexStore& store, const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const size_t dimension, store.VectorDimension());
  CODERANK_ASSIGN(const std::string text, store.Meta(kMetaMean));
  auto kept = Parse(text, dimension);
  if (kept) return std::move(kept->mean);
  return Compute(store, kernels, dimension);
}

Status KeepVectorMean(IndexStore& store, const kernels::KernelSet& kernels, uint64_t vectors,
                      uint64_t changes) {
  CODERANK_ASSIGN(const size_t dimension, store.VectorDimension());
  CODERANK_ASSIGN(const std::string text, store.Meta(kMetaMean));
  auto kept = Parse(text, dimension);
  if (kept && changes == 0) return OkStatus();
  const bool good_enough =
      kept && vectors > kFewVectors && kept->changes + changes <= vectors / kDeltaShare;
  if (good_enough) {
    kept->changes += changes;
  } else {
    kept.emplace();
    CODERANK_ASSIGN(kept->mean, Compute(store, kernels, dimension));
  }
  return store.SetMeta(kMetaMean, TextOf(*kept));
}

}  // namespace coderank
