// A program that runs beside the test, that is written to, and whose standard output is read line
// by line: what a test waits for instead of sleeping.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"

namespace coderank::testing {

class LineProcess {
 public:
  // Standard error is discarded.
  LineProcess(const std::vector<std::string>& command, const ProcessOptions& options);
  ~LineProcess();  // kills it where it still runs
  LineProcess(const LineProcess&) = delete;
  LineProcess& operator=(const LineProcess&) = delete;

  // The next line without its end; no value at the end of the output, or when none came for a
  // minute, which is a failure.
  std::optional<std::string> Next();
  // To its standard input. False when it has closed that.
  bool Write(std::string_view text) const;
  void CloseInput();
  void CloseOutput();  // the reader leaves
  void Signal(int signal) const;
  // Waits for its end; the exit code as in ProcessResult.
  int Wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
};

}  // namespace coderank::testing
