// Runs a program to its end and keeps what it printed: the base of the black-box tests.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace coderank::testing {

struct ProcessResult {
  int exit_code = -1;  // 128 + n when signal n ended it
  std::string out;
  std::string err;
};

struct ProcessOptions {
  std::string input;                               // standard input
  std::map<std::string, std::string> environment;  // added to the inherited one; "" unsets
  std::filesystem::path working_directory;         // empty: inherited
};

ProcessResult RunProcess(const std::vector<std::string>& command,
                         const ProcessOptions& options = {});

// Starts a program for tests that kill it or talk to it. Its output is discarded, its standard
// output goes to the descriptor `output` and its standard input comes from `input` where they are
// given.
pid_t StartProcess(const std::vector<std::string>& command, const ProcessOptions& options = {},
                   int output = -1, int input = -1);
// Waits for its end; the exit code as in ProcessResult.
int WaitProcess(pid_t pid);
// Whether it has; it is still to be waited for.
bool HasEnded(pid_t pid);

}  // namespace coderank::testing
