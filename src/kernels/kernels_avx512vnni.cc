// The int8 kernels of the set `avx512vnni`; its f32 kernels are those of `avx512`. What must not
// be in this file and why: kernels_avx2.cc.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/grouped.h"
#include "kernels/int8.h"
#include "kernels/scan.h"

namespace coderank::kernels::avx512vnni {

// The order matters: each builds on those before it.
// clang-format off
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/scan_functions.inc"
#include "kernels/simd/vec_avx512.inl"
#include "kernels/simd/shared.inl"

namespace {

// vpdpbusd adds four products 255 * 127 in int32: nothing can overflow.
inline __m512i AddProducts(__m512i sum, __m512i a, __m512i b) { return _mm512_dpbusd_epi32(sum, a, b); }

}  // namespace

#include "kernels/simd/int8_512.inl"
#include "kernels/simd/quantize.inl"
#include "kernels/simd/int8_epilogue.inl"
#include "kernels/simd/int_tile.inl"
#include "kernels/simd/gemm_int8.inl"
#include "kernels/simd/attention_shared.inl"
#include "kernels/simd/attention_int8_pack.inl"
#include "kernels/simd/attention_int8.inl"
#include "kernels/simd/grouped_512.inl"
#include "kernels/simd/grouped_vnni.inl"
#include "kernels/simd/gemm_grouped.inl"
#include "kernels/simd/scan_512.inl"
#include "kernels/simd/scan.inl"
// clang-format on

}  // namespace coderank::kernels::avx512vnni
