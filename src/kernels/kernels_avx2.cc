// The kernel set `avx2`. Compiled with instruction-set flags, so this file must not emit a
// function that another file could emit too: the linker keeps one copy, and if it kept this one, a
// CPU without avx2 would meet illegal instructions. Hence raw pointers only, no standard library
// templates, no headers of the project with inline functions, and internal linkage for all that is
// not a kernel. The test `kernel_symbols` lists the weak symbols of this object.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/grouped.h"
#include "kernels/int8.h"
#include "kernels/scan.h"

namespace coderank::kernels::avx2 {

// The order matters: each builds on those before it.
// clang-format off
#include "kernels/kernel_functions.inc"
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/scan_functions.inc"
#include "kernels/simd/vec_avx2.inl"
#include "kernels/simd/shared.inl"
#include "kernels/simd/gemm.inl"
#include "kernels/simd/rows.inl"
#include "kernels/simd/int8_avx2.inl"
#include "kernels/simd/int8_256.inl"
#include "kernels/simd/quantize.inl"
#include "kernels/simd/int8_epilogue.inl"
#include "kernels/simd/int_tile.inl"
#include "kernels/simd/gemm_int8.inl"
#include "kernels/simd/attention_shared.inl"
#include "kernels/simd/attention_int16.inl"
#include "kernels/simd/grouped_256.inl"
#include "kernels/simd/grouped_maddubs.inl"
#include "kernels/simd/gemm_grouped.inl"
#include "kernels/simd/scan_256.inl"
#include "kernels/simd/scan.inl"
// clang-format on

}  // namespace coderank::kernels::avx2
