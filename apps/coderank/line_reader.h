// Lines of standard input in bounded memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bounded_lines.h"
#include "coderank/result.h"

namespace coderank::cli {

class LineReader {
 public:
  LineReader();

  // Without its '\n'; no value at the end of the input. Errors name neither input nor line.
  Result<std::optional<std::string>> Next() { return lines_.Next(); }

  // Whether Next would wait: then the program on the other side may wait for answers.
  bool WouldWait() const;

 private:
  BoundedLines lines_;
};

// The text of a JSON line {"text": ...}, the `number`th of standard input. Ill-formed bytes become
// U+FFFD, as in source files.
Result<std::string> TextOfLine(const std::string& line, uint64_t number);

}  // namespace coderank::cli
