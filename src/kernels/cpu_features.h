// What the CPU can execute and the operating system saves: CPUID and XGETBV on x86-64, the
// auxiliary vector on AArch64. The tiles of AMX need the system's permission, which is asked for
// here.
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
  bool amx_int8 = false;  // with the tiles, and permission to use them
  bool asimddp = false;   // AArch64: SDOT and UDOT

  // Every feature of `other` is here too.
  bool Includes(const CpuFeatures& other) const;
};

// The machine this runs on; all false on any other architecture.
CpuFeatures DetectCpuFeatures();

}  // namespace coderank::kernels
