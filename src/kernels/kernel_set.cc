#include "kernels/kernel_set.h"

#include <cstdlib>

#include "base/strings.h"

namespace coderank::kernels {

// The sets' functions live in translation units with instruction-set flags; only their names are
// seen here.
namespace scalar {
#include "kernels/kernel_functions.inc"
}
#if defined(__x86_64__)
namespace avx2 {
#include "kernels/kernel_functions.inc"
}
namespace avx512 {
#include "kernels/kernel_functions.inc"
}
#endif

namespace {

#define CODERANK_KERNEL_SET(isa, features, width, tile)                                \
  {                                                                                    \
    .name = #isa, .required = features, .panel_width = width, .gemm_tile = tile,       \
    .pack_rows = isa::PackRows, .pack_columns = isa::PackColumns, .gemm = isa::Gemm,   \
    .layer_norm = isa::LayerNorm, .softmax = isa::Softmax, .gelu = isa::Gelu,          \
    .gelu_tanh = isa::GeluTanh, .relu = isa::Relu, .silu = isa::Silu, .add = isa::Add, \
    .dot = isa::Dot, .dot_f16 = isa::DotF16, .f16_to_f32 = isa::F16ToF32,              \
    .f32_to_f16 = isa::F32ToF16,                                                       \
  }

constexpr KernelSet kScalar = CODERANK_KERNEL_SET(scalar, CpuFeatures{}, 1, "1x1");
#if defined(__x86_64__)
constexpr CpuFeatures kAvx2Features{.avx2 = true, .fma = true, .f16c = true};
constexpr CpuFeatures kAvx512Features{.avx2 = true,
                                      .fma = true,
                                      .f16c = true,
                                      .avx512f = true,
                                      .avx512bw = true,
                                      .avx512dq = true,
                                      .avx512vl = true};
constexpr KernelSet kAvx2 = CODERANK_KERNEL_SET(avx2, kAvx2Features, 16, "6x16");
constexpr KernelSet kAvx512 = CODERANK_KERNEL_SET(avx512, kAvx512Features, 32, "12x32");
constexpr const KernelSet* kSets[] = {&kScalar, &kAvx2, &kAvx512};
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
