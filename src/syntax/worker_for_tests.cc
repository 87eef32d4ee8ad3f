// A parser process that does what its text tells it to: what a broken grammar could do.
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "syntax/languages.h"
#include "syntax/outline_builder.h"
#include "syntax/worker_main.h"

namespace {

volatile unsigned long long spun = 0;

void Misbehave(std::string_view text) {
  const auto told = [&](std::string_view what) {
    return text.find(what) != std::string_view::npos;
  };
  if (told("CRASH")) {
    std::signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler that ends with a status instead
    std::raise(SIGSEGV);
  }
  if (told("HANG")) {
    for (;;) spun = spun + 1;
  }
  if (told("EXIT")) std::_Exit(0);
  if (told("GROW")) {
    std::vector<std::vector<char>> hoard;
    for (;;) hoard.emplace_back(size_t{1} << 26, 'x');
  }
}

}  // namespace

int main() {
  coderank::OutlineBuilder builder;
  const coderank::WorkerLimits limits{.memory_bytes = uint64_t{1} << 29, .cpu_seconds = 1};
  return coderank::ServeParser(
      limits,
      [&](std::string_view language, std::string_view text) -> coderank::Result<coderank::Outline> {
        Misbehave(text);
        return builder.Build(*coderank::FindLanguage(language), text);
      });
}
