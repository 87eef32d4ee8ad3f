#include "kernels/cpu_features.h"

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace coderank::kernels {

bool CpuFeatures::Includes(const CpuFeatures& other) const {
  return avx2 >= other.avx2 && fma >= other.fma && f16c >= other.f16c && avx512f >= other.avx512f &&
         avx512bw >= other.avx512bw && avx512dq >= other.avx512dq && avx512vl >= other.avx512vl &&
         avxvnni >= other.avxvnni && avx512vnni >= other.avx512vnni && amx_int8 >= other.amx_int8 &&
         asimddp >= other.asimddp;
}

#if defined(__x86_64__)
namespace {

// Extended control register 0: which register states the operating system saves on a switch.
// Precondition: CPUID reports OSXSAVE. By its bytes, since the intrinsic needs a target flag.
uint64_t ReadXcr0() {
  uint32_t low = 0;
  uint32_t high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t{high} << 32) | low;
}

// Linux gives a process the 8 KB of tile state only when it asks
// (Documentation/arch/x86/xstate.rst); the answer holds for all its threads. Older kernels know no
// such request and save no tiles.
bool MayUseTiles() {
  constexpr int kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr int kTileData = 18;               // XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

// Bit numbers: Intel SDM volume 2, CPUID; XCR0 bits 1-2 (SSE, AVX) and 5-7 (opmask, ZMM) and
// 17-18 (tile configuration, tile data).
CpuFeatures DetectCpuFeatures() {
  CpuFeatures found;
  uint32_t eax = 0;
  uint32_t ebx = 0;
  uint32_t ecx = 0;
  uint32_t edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return found;
  const bool osxsave = (ecx >> 27 & 1) != 0;
  if (!osxsave) return found;
  const uint64_t xcr0 = ReadXcr0();
  const bool ymm_saved = (xcr0 & 0x06) == 0x06;
  const bool zmm_saved = ymm_saved && (xcr0 & 0xe0) == 0xe0;
  const uint32_t leaf1_ecx = ecx;
  if (!ymm_saved || __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return found;
  found.fma = (leaf1_ecx >> 12 & 1) != 0;
  found.f16c = (leaf1_ecx >> 29 & 1) != 0;
  found.avx2 = (ebx >> 5 & 1) != 0;
  found.avx512f = zmm_saved && (ebx >> 16 & 1) != 0;
  found.avx512dq = zmm_saved && (ebx >> 17 & 1) != 0;
  found.avx512bw = zmm_saved && (ebx >> 30 & 1) != 0;
  found.avx512vl = zmm_saved && (ebx >> 31 & 1) != 0;
  found.avx512vnni = zmm_saved && (ecx >> 11 & 1) != 0;
  const bool tiles_saved = (xcr0 & 0x60000) == 0x60000;
  const bool amx = (edx >> 24 & 1) != 0 && (edx >> 25 & 1) != 0;  // AMX-TILE, AMX-INT8
  found.amx_int8 = zmm_saved && tiles_saved && amx && MayUseTiles();
  const uint32_t subleaves = eax;
  if (subleaves >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0) {
    found.avxvnni = (eax >> 4 & 1) != 0;
  }
  return found;
}
#elif defined(__aarch64__)
CpuFeatures DetectCpuFeatures() {
  return {.asimddp = (::getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0};
}
#else
CpuFeatures DetectCpuFeatures() { return {}; }
#endif

}  // namespace coderank::kernels
