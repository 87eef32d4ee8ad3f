// The int8 kernels of the set `amx` (Sapphire Rapids and later); its f32 kernels are those of
// `avx512`. What must not be in this file and why: kernels_avx2.cc.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/int8.h"

namespace coderank::kernels::amx {

// The order matters: each builds on those before it.
// clang-format off
#include "kernels/int8_functions.inc"
#include "kernels/simd/vec_avx512.inl"
#include "kernels/simd/shared.inl"
#include "kernels/simd/int8_512.inl"
#include "kernels/simd/quantize.inl"
#include "kernels/simd/int8_epilogue.inl"
#include "kernels/simd/tile_config.inl"
#include "kernels/simd/int8_amx_tiles.inl"
#include "kernels/simd/gemm_amx.inl"
// clang-format on

}  // namespace coderank::kernels::amx
