// Lines of a descriptor in bounded memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "coderank/result.h"

namespace coderank {

// Not thread-safe.
class BoundedLines {
 public:
  // `fd` is borrowed and read in blocks.
  BoundedLines(int fd, size_t most_bytes) : fd_(fd), most_bytes_(most_bytes) {}

  // Without its '\n'; no value at the end of the input. kResourceExhausted: a longer line,
  // kUnavailable: it cannot be read; the caller knows which input and line that is.
  Result<std::optional<std::string>> Next();

  // Whether Next would not read.
  bool HasLine() const { return buffer_.find('\n', begin_) != std::string::npos; }

 private:
  // False at the end of the input.
  Result<bool> Fill();
  std::string Take(size_t length, size_t terminator);

  int fd_;
  size_t most_bytes_;
  std::string buffer_;  // at most a line's limit and a block
  size_t begin_ = 0;    // of what is not taken yet
};

}  // namespace coderank
