// For the tests: the int8 kernels of the set `amx` on emulated tile registers, so that any CPU with
// AVX2 can check the kernel's logic. The f32 work around the tiles is done with 256 bits, and so is
// attention, with an emulated vpdpbusd: the code of the set `avxvnni`.
// What must not be in this file and why: kernels_avx2.cc.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/int8.h"

namespace coderank::kernels::amx_emulated {

// The order matters: each builds on those before it.
// clang-format off
#include "kernels/int8_functions.inc"
#include "kernels/simd/vec_avx2.inl"
#include "kernels/simd/shared.inl"

namespace {

// Bytes 0 and 2 of each four, then bytes 1 and 3, in int16 pairs: no sum can overflow.
inline __m256i AddProducts(__m256i sum, __m256i a, __m256i b) {
  const __m256i even_a = _mm256_and_si256(a, _mm256_set1_epi16(0xff));
  const __m256i even_b = _mm256_srai_epi16(_mm256_slli_epi16(b, 8), 8);
  const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(a, 8), _mm256_srai_epi16(b, 8));
  return _mm256_add_epi32(sum, _mm256_add_epi32(_mm256_madd_epi16(even_a, even_b), odd));
}

}  // namespace

#include "kernels/simd/int8_256.inl"
#include "kernels/simd/quantize.inl"
#include "kernels/simd/int8_epilogue.inl"
#include "kernels/simd/int_tile.inl"
#include "kernels/simd/attention_shared.inl"
#include "kernels/simd/attention_int8_pack.inl"
#include "kernels/simd/attention_int8.inl"
#include "kernels/simd/tile_config.inl"
// clang-format on

namespace {

// The tile vocabulary as the Intel SDM (volume 2) describes the instructions, palette 1.
constexpr size_t kMostRows = 16;
constexpr size_t kMostBytes = 64;
constexpr int kTiles = 8;

struct State {
  TileConfig config;  // palette 0: not in use
  uint8_t tile[kTiles][kMostRows][kMostBytes];
  int faults;
};
thread_local State state;

// Counts a fault where an instruction would not execute.
bool Check(bool allowed) {
  if (!allowed) ++state.faults;
  return allowed;
}

bool Configured(int tile) {
  return state.config.palette == 1 && state.config.rows[tile] > 0 &&
         state.config.row_bytes[tile] > 0;
}

// LDTILECFG zeroes all tiles; limits and unused fields are checked.
void LoadTileConfig(const TileConfig& config) {
  bool allowed = config.palette == 1 && config.start_row == 0;
  for (const uint8_t byte : config.reserved) allowed &= byte == 0;
  for (int i = 0; i < 16; ++i) {
    const bool unused = config.rows[i] == 0 && config.row_bytes[i] == 0;
    const bool valid = i < kTiles && config.rows[i] >= 1 && config.rows[i] <= kMostRows &&
                       config.row_bytes[i] >= 1 && config.row_bytes[i] <= kMostBytes;
    allowed &= unused || valid;
  }
  if (!Check(allowed)) return;
  __builtin_memset(state.tile, 0, sizeof(state.tile));
  state.config = config;
}
void ReleaseTiles() { state.config = TileConfig{}; }

template <int kTile>
void ZeroTile() {
  if (Check(Configured(kTile))) __builtin_memset(state.tile[kTile], 0, sizeof(state.tile[kTile]));
}

// Rows and bytes beyond the configured ones become zero.
template <int kTile>
void LoadTile(const void* from, size_t stride) {
  if (!Check(Configured(kTile))) return;
  __builtin_memset(state.tile[kTile], 0, sizeof(state.tile[kTile]));
  for (size_t row = 0; row < state.config.rows[kTile]; ++row) {
    __builtin_memcpy(state.tile[kTile][row], static_cast<const uint8_t*>(from) + row * stride,
                     state.config.row_bytes[kTile]);
  }
}

template <int kTile>
void StoreTileTo(void* to, size_t stride) {
  if (!Check(Configured(kTile))) return;
  for (size_t row = 0; row < state.config.rows[kTile]; ++row) {
    __builtin_memcpy(static_cast<uint8_t*>(to) + row * stride, state.tile[kTile][row],
                     state.config.row_bytes[kTile]);
  }
}

// One element of TDPBUSD: products of unsigned and signed bytes, added with wrapping int32.
int32_t Element(int32_t sum, const uint8_t* row, int weights, size_t column) {
  for (size_t k = 0; k < state.config.rows[weights]; ++k) {
    for (size_t i = 0; i < 4; ++i) {
      const auto weight = static_cast<int8_t>(state.tile[weights][k][4 * column + i]);
      sum = static_cast<int32_t>(static_cast<uint32_t>(sum) +
                                 static_cast<uint32_t>(row[4 * k + i] * weight));
    }
  }
  return sum;
}

template <int kSums, int kRows, int kWeights>
void AddTileProducts() {
  const TileConfig& config = state.config;
  static_assert(kSums != kRows && kSums != kWeights && kRows != kWeights);
  if (!Check(Configured(kSums) && Configured(kRows) && Configured(kWeights) &&
             config.rows[kSums] == config.rows[kRows] &&
             config.row_bytes[kSums] == config.row_bytes[kWeights] &&
             config.row_bytes[kRows] == 4 * config.rows[kWeights])) {
    return;
  }
  for (size_t m = 0; m < config.rows[kSums]; ++m) {
    int32_t sums[kMostBytes / 4];
    __builtin_memcpy(sums, state.tile[kSums][m], kMostBytes);
    for (size_t n = 0; n < config.row_bytes[kSums] / 4U; ++n) {
      sums[n] = Element(sums[n], state.tile[kRows][m], kWeights, n);
    }
    __builtin_memcpy(state.tile[kSums][m], sums, kMostBytes);
  }
}

}  // namespace

#include "kernels/simd/gemm_amx.inl"

// Declared in amx_emulation_testing.h, whose other headers have inline functions.
bool TilesInUse();
int Faults();

bool TilesInUse() { return state.config.palette != 0; }
int Faults() { return state.faults; }

}  // namespace coderank::kernels::amx_emulated
