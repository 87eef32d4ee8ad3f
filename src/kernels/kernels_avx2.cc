// The kernel set `avx2`. Compiled with instruction-set flags, so this file must not emit a
// function that another file could emit too: the linker keeps one copy, and if it kept this one, a
// CPU without avx2 would meet illegal instructions. Hence raw pointers only, no standard library
// templates, no headers of the project with inline functions, and internal linkage for all that is
// not a kernel. The test `kernel_symbols` lists the weak symbols of this object.
#include "kernels/vec_avx2.h"

namespace coderank::kernels::avx2 {

#include "kernels/kernel_functions.inc"
#include "kernels/simd/gemm.inl"
#include "kernels/simd/rows.inl"

}  // namespace coderank::kernels::avx2
