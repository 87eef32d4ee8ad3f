// Lines of standard input in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "coderank/result.h"

namespace coderank::cli {

class LineReader {
 public:
  // Without its '\n'; no value at the end of the input.
  Result<std::optional<std::string>> Next();

  // Whether Next would wait: then the program on the other side may wait for answers.
  bool WouldWait() const;

 private:
  // False at the end of the input.
  Result<bool> Fill();
  std::optional<std::string> Take(size_t length, size_t terminator);

  std::string buffer_;  // at most a line's limit and a block
  size_t start_ = 0;    // of what is not taken yet
};

// The text of a JSON line {"text": ...}, the `number`th of standard input. Ill-formed bytes become
// U+FFFD, as in source files.
Result<std::string> TextOfLine(const std::string& line, uint64_t number);

}  // namespace coderank::cli
