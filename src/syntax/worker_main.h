// The other end of a WorkerProcess.
#pragma once

namespace coderank {

// Answers requests on standard input until it is closed; returns the exit status. It gives up all
// other descriptors, and limits its memory, and its CPU time for each text: what it runs is
// generated code over bytes of strangers. For a process that does nothing else.
int ServeSyntax();

}  // namespace coderank
