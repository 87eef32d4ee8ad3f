// Engine: cutting files by their syntax.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine_state.h"
#include "source/line_window_chunker.h"
#include "syntax/syntax_chunker.h"
#include "syntax/worker_main.h"

namespace coderank {
namespace {

// Not for people.
constexpr std::string_view kSyntaxWorkerArgument = "--syntax-worker";

}  // namespace

std::unique_ptr<Chunker> Engine::State::MakeChunker(const Config& config) {
  if (options.syntax_worker.empty()) {
    Note("no syntax_worker is set: files are cut by lines, not by syntax");
    return std::make_unique<LineWindowChunker>(config.chunk_limits());
  }
  // Chunks are stored by this process at the speed of some four parsers.
  constexpr size_t kMostWorkers = 4;
  const size_t threads = Pool(config).size();
  return std::make_unique<SyntaxChunker>(
      config.chunk_limits(),
      SyntaxOptions{.command = options.syntax_worker, .workers = std::min(threads, kMostWorkers)});
}

int ServeSyntaxWorker() { return ServeSyntax(); }

std::vector<std::string> OwnSyntaxWorker() {
  return {"/proc/self/exe", std::string(kSyntaxWorkerArgument)};
}

bool IsOwnSyntaxWorker(int argc, const char* const* argv) {
  return argc == 2 && argv[1] == kSyntaxWorkerArgument;
}

}  // namespace coderank
