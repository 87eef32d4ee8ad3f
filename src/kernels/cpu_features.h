// What the CPU can execute and the operating system saves: CPUID and XGETBV, nothing else.
#pragma once

namespace coderank::kernels {

struct CpuFeatures {
  bool avx2 = false;
  bool fma = false;
  bool f16c = false;
  bool avx512f = false;
  bool avx512bw = false;
  bool avx512dq = false;
  bool avx512vl = false;
  bool avxvnni = false;
  bool avx512vnni = false;

  // Every feature of `other` is here too.
  bool Includes(const CpuFeatures& other) const;
};

// The machine this runs on; all false where the architecture is not x86-64.
CpuFeatures DetectCpuFeatures();

}  // namespace coderank::kernels
