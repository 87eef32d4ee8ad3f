// SyntaxChunker: cuts files by their syntax, parsed in worker processes.
//
// A grammar that crashes, hangs or takes too much memory ends its worker; that file is cut by lines
// and CutFile says why, and the next file gets a new worker. Files without a grammar are cut by
// lines as well, which is nothing to report.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "source/chunker.h"

namespace coderank {

struct SyntaxOptions {
  std::vector<std::string> command;  // of a program that calls ServeSyntax(); not empty
  size_t workers = 1;
  // For one text, beyond what a worker limits itself: for one that does not answer at all.
  std::chrono::milliseconds deadline{60'000};
};

// Thread-safe, but one call at a time does work. Workers start when they are first needed and live
// as long as the chunker.
class SyntaxChunker : public Chunker {
 public:
  SyntaxChunker(ChunkLimits limits, SyntaxOptions options);
  ~SyntaxChunker() override;

  std::string Version() const override;
  std::vector<Chunk> Cut(std::string_view content, std::string_view language) const override;
  std::vector<CutFile> CutAll(std::span<const SourceText> files) const override;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace coderank
