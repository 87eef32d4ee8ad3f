// The kernel set `neon`, for AArch64 with the dot product extension. What must not be in this file
// and why: kernels_avx2.cc.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/grouped.h"
#include "kernels/int8.h"
#include "kernels/scan.h"

namespace coderank::kernels::neon {

// The order matters: each builds on those before it.
// clang-format off
#include "kernels/kernel_functions.inc"
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/scan_functions.inc"
#include "kernels/simd/vec_neon.inl"
#include "kernels/simd/shared.inl"
#include "kernels/simd/gemm.inl"
#include "kernels/simd/rows.inl"
#include "kernels/simd/int8_neon.inl"
#include "kernels/simd/quantize.inl"
#include "kernels/simd/int8_epilogue.inl"
#include "kernels/simd/int_tile.inl"
#include "kernels/simd/gemm_int8.inl"
#include "kernels/simd/attention_shared.inl"
#include "kernels/simd/attention_int8_pack.inl"
#include "kernels/simd/attention_int8.inl"
#include "kernels/simd/grouped_neon.inl"
#include "kernels/simd/gemm_grouped.inl"
#include "kernels/simd/scan_neon.inl"
#include "kernels/simd/scan.inl"
// clang-format on

}  // namespace coderank::kernels::neon
