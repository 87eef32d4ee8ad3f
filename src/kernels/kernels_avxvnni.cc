// The int8 kernels of the set `avxvnni`; its f32 kernels are those of `avx2`. What must not
// be in this file and why: kernels_avx2.cc.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/grouped.h"
#include "kernels/int8.h"
#include "kernels/scan.h"

namespace coderank::kernels::avxvnni {

// The order matters: each builds on those before it.
// clang-format off
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/scan_functions.inc"
#include "kernels/simd/vec_avx2.inl"
#include "kernels/simd/shared.inl"

namespace {

// vpdpbusd adds four products 255 * 127 in int32: nothing can overflow.
inline __m256i AddProducts(__m256i sum, __m256i a, __m256i b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }

}  // namespace

#include "kernels/simd/int8_256.inl"
#include "kernels/simd/quantize.inl"
#include "kernels/simd/int8_epilogue.inl"
#include "kernels/simd/int_tile.inl"
#include "kernels/simd/gemm_int8.inl"
#include "kernels/simd/attention_shared.inl"
#include "kernels/simd/attention_int8_pack.inl"
#include "kernels/simd/attention_int8.inl"
#include "kernels/simd/grouped_256.inl"
#include "kernels/simd/grouped_vnni.inl"
#include "kernels/simd/gemm_grouped.inl"
#include "kernels/simd/scan_256.inl"
#include "kernels/simd/scan.inl"
// clang-format on

}  // namespace coderank::kernels::avxvnni
