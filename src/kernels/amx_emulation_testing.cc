#include "kernels/amx_emulation_testing.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coderank::kernels {
namespace {

void ExpectCleanTiles() {
  EXPECT_EQ(amx_emulated::Faults(), 0);
  EXPECT_FALSE(amx_emulated::TilesInUse());
}

void Gemm(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
          const Int8Output& output) {
  amx_emulated::GemmInt8(rows, row_count, weights, output);
  ExpectCleanTiles();
}

void GemmGated(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
               const Int8Output& output) {
  amx_emulated::GemmInt8Gated(rows, row_count, weights, output);
  ExpectCleanTiles();
}

KernelSet MakeSet() {
  const auto sets = AllKernelSets();
  const auto avx2 = std::find_if(sets.begin(), sets.end(), [](const KernelSet* set) {
    return std::string_view(set->name) == "avx2";
  });
  KernelSet set = **avx2;
  set.name = "amx_emulated";
  set.int8_levels = 255;
  set.quantize_row = amx_emulated::QuantizeRow;
  set.gemm_int8 = Gemm;
  set.gemm_int8_gated = GemmGated;
  set.attention_bytes = amx_emulated::AttentionBytes;
  set.attend = amx_emulated::Attend;
  return set;
}

}  // namespace

const KernelSet& AmxEmulatedSet() {
  static const KernelSet set = MakeSet();
  return set;
}

}  // namespace coderank::kernels
