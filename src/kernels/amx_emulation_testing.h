// For the tests: the kernel set `amx` on emulated tile registers, with the attention of `avxvnni`
// (kernels_amx_emulated.cc).
#pragma once

#include "kernels/kernel_set.h"

namespace coderank::kernels {

// The set `amx_emulated`; each of its int8 products also expects that no instruction broke a rule
// and that the tiles were released. Needs a CPU with AVX2.
const KernelSet& AmxEmulatedSet();

namespace amx_emulated {

// Of this thread. Between a configuration and the release of the tiles:
bool TilesInUse();
// How many emulated instructions would not have executed on a CPU.
int Faults();

#include "kernels/int8_functions.inc"

}  // namespace amx_emulated
}  // namespace coderank::kernels
