// The other end of a WorkerProcess.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/function_ref.h"
#include "coderank/result.h"
#include "syntax/outline.h"

namespace coderank {

struct WorkerLimits {
  // A tree takes some tens of bytes per byte of text, of which there are at most 4 MiB; the program
  // itself maps about 100 MB.
  uint64_t memory_bytes = uint64_t{1} << 30;
  // CPU time for one text. The parser's own count of steps ends most earlier; this is for what
  // hangs in a scanner. Ordinary files take milliseconds.
  uint64_t cpu_seconds = 10;
};

// Answers requests on standard input until it is closed; returns the exit status. It gives up all
// other descriptors, and limits its memory, and its CPU time for each text: what it runs is
// generated code over bytes of strangers. For a process that does nothing else.
int ServeSyntax();

// The same with another parser.
using ParseFunction =
    FunctionRef<Result<Outline>(std::string_view language, std::string_view text)>;
int ServeParser(const WorkerLimits& limits, ParseFunction parse);

}  // namespace coderank
