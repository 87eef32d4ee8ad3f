#include "kernels/kernel_set.h"

#include <cstdlib>

#include "base/strings.h"

namespace coderank::kernels {

// The sets' functions live in translation units with instruction-set flags; only their names are
// seen here.
namespace scalar {
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/kernel_functions.inc"
#include "kernels/scan_functions.inc"
}  // namespace scalar
#if defined(__x86_64__)
namespace avx2 {
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/kernel_functions.inc"
#include "kernels/scan_functions.inc"
}  // namespace avx2
namespace avxvnni {
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/scan_functions.inc"
}  // namespace avxvnni
namespace avx512 {
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/kernel_functions.inc"
#include "kernels/scan_functions.inc"
}  // namespace avx512
namespace avx512vnni {
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/scan_functions.inc"
}  // namespace avx512vnni
namespace amx {
#include "kernels/int8_functions.inc"
}
#elif defined(__aarch64__)
namespace neon {
#include "kernels/grouped_functions.inc"
#include "kernels/int8_functions.inc"
#include "kernels/kernel_functions.inc"
#include "kernels/scan_functions.inc"
}  // namespace neon
#endif

namespace {

// `f32`, `int8` (matrix products) and `integer` (all other integer kernels) name the namespaces of
// the kernels: sets share what they can.
#define CODERANK_KERNEL_SET(set, f32, int8, integer, features, width, tile, levels)        \
  {                                                                                        \
    .name = #set, .required = features, .panel_width = width, .gemm_tile = tile,           \
    .pack_rows = f32::PackRows, .pack_columns = f32::PackColumns, .gemm = f32::Gemm,       \
    .layer_norm = f32::LayerNorm, .rms_norm = f32::RmsNorm, .softmax = f32::Softmax,       \
    .gelu = f32::Gelu, .gelu_tanh = f32::GeluTanh, .relu = f32::Relu, .silu = f32::Silu,   \
    .add = f32::Add, .multiply = f32::Multiply, .rotate = f32::Rotate, .dot = f32::Dot,    \
    .dot_f16 = f32::DotF16, .f16_to_f32 = f32::F16ToF32, .f32_to_f16 = f32::F32ToF16,      \
    .int8_levels = levels, .quantize_row = int8::QuantizeRow, .gemm_int8 = int8::GemmInt8, \
    .gemm_int8_gated = int8::GemmInt8Gated, .attention_bytes = integer::AttentionBytes,    \
    .attend = integer::Attend, .dot_int8_rows = integer::DotInt8Rows,                      \
    .hamming_rows = integer::HammingRows, .quantize_groups = integer::QuantizeGroups,      \
    .gemm_grouped = integer::GemmGrouped,                                                  \
  }

constexpr KernelSet kScalar =
    CODERANK_KERNEL_SET(scalar, scalar, scalar, scalar, CpuFeatures{}, 1, "1x1", 255);
#if defined(__x86_64__)
constexpr CpuFeatures kAvx2Features{.avx2 = true, .fma = true, .f16c = true};
constexpr CpuFeatures kAvx512Features{.avx2 = true,
                                      .fma = true,
                                      .f16c = true,
                                      .avx512f = true,
                                      .avx512bw = true,
                                      .avx512dq = true,
                                      .avx512vl = true};
// `base` and one feature more.
constexpr CpuFeatures With(CpuFeatures base, bool CpuFeatures::*feature) {
  base.*feature = true;
  return base;
}
constexpr CpuFeatures kAvxVnniFeatures = With(kAvx2Features, &CpuFeatures::avxvnni);
constexpr CpuFeatures kAvx512VnniFeatures = With(kAvx512Features, &CpuFeatures::avx512vnni);
constexpr CpuFeatures kAmxFeatures = With(kAvx512VnniFeatures, &CpuFeatures::amx_int8);
constexpr KernelSet kAvx2 =
    CODERANK_KERNEL_SET(avx2, avx2, avx2, avx2, kAvx2Features, 16, "6x16", 127);
constexpr KernelSet kAvxVnni =
    CODERANK_KERNEL_SET(avxvnni, avx2, avxvnni, avxvnni, kAvxVnniFeatures, 16, "6x16", 255);
constexpr KernelSet kAvx512 =
    CODERANK_KERNEL_SET(avx512, avx512, avx512, avx512, kAvx512Features, 32, "12x32", 127);
constexpr KernelSet kAvx512Vnni = CODERANK_KERNEL_SET(avx512vnni, avx512, avx512vnni, avx512vnni,
                                                      kAvx512VnniFeatures, 32, "12x32", 255);
constexpr KernelSet kAmx =
    CODERANK_KERNEL_SET(amx, avx512, amx, avx512vnni, kAmxFeatures, 32, "12x32", 255);
// In the order of preference: the last that the CPU has is chosen. AVX-VNNI before AVX512 without
// VNNI does not meet in one CPU.
constexpr const KernelSet* kSets[] = {&kScalar, &kAvx2, &kAvxVnni, &kAvx512, &kAvx512Vnni, &kAmx};
#elif defined(__aarch64__)
constexpr KernelSet kNeon =
    CODERANK_KERNEL_SET(neon, neon, neon, neon, CpuFeatures{.asimddp = true}, 16, "6x16", 255);
constexpr const KernelSet* kSets[] = {&kScalar, &kNeon};
#else
constexpr const KernelSet* kSets[] = {&kScalar};
#endif

#undef CODERANK_KERNEL_SET

std::string SetNames() {
  std::string names;
  for (const KernelSet* set : kSets) names += StrCat(names.empty() ? "" : ", ", set->name);
  return names;
}

}  // namespace

std::span<const KernelSet* const> AllKernelSets() { return kSets; }

Result<const KernelSet*> ChooseKernels(const CpuFeatures& cpu, std::string_view forced) {
  const KernelSet* chosen = nullptr;
  for (const KernelSet* set : kSets) {
    if (forced.empty() ? cpu.Includes(set->required) : forced == set->name) chosen = set;
  }
  if (chosen == nullptr) {
    return InvalidArgument(
        StrCat("CODERANK_FORCE_ISA: expected one of ", SetNames(), ", found \"", forced, "\""));
  }
  if (!cpu.Includes(chosen->required)) {
    return FailedPrecondition(StrCat("CODERANK_FORCE_ISA=", forced, ": this CPU has no ", forced,
                                     "; unset the variable to let the program choose"));
  }
  return chosen;
}

Result<const KernelSet*> ChooseKernels() {
  const char* forced = std::getenv("CODERANK_FORCE_ISA");
  return ChooseKernels(DetectCpuFeatures(), forced == nullptr ? "" : forced);
}

}  // namespace coderank::kernels
