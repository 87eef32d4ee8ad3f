#include "support/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace coderank::testing {
namespace {

void ReadAll(int fd, std::string& into) {
  std::array<char, 65536> block{};
  ssize_t got = 0;
  while ((got = ::read(fd, block.data(), block.size())) > 0 || (got < 0 && errno == EINTR)) {
    if (got > 0) into.append(block.data(), static_cast<size_t>(got));
  }
  ::close(fd);
}

void WriteAll(int fd, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t put = ::write(fd, text.data() + done, text.size() - done);
    if (put <= 0) break;  // the program closed its input: its business
    done += static_cast<size_t>(put);
  }
  ::close(fd);
}

// Forks and executes; `fds` become standard input, output and error of the child.
pid_t Spawn(const std::vector<std::string>& command, const ProcessOptions& options,
            const std::array<int, 3>& fds) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  for (int i = 0; i < 3; ++i) ::dup2(fds[static_cast<size_t>(i)], i);
  for (const auto& [name, value] : options.environment) {
    if (value.empty()) {
      ::unsetenv(name.c_str());
    } else {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  if (!options.working_directory.empty() && ::chdir(options.working_directory.c_str()) != 0) {
    ::_exit(126);
  }
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

std::array<int, 2> Pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  return ends;
}

}  // namespace

int WaitProcess(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool HasEnded(pid_t pid) {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT) < 0 ||
         ended.si_pid != 0;
}

ProcessResult RunProcess(const std::vector<std::string>& command, const ProcessOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto in = Pipe();
  const auto out = Pipe();
  const auto err = Pipe();
  const pid_t pid = Spawn(command, options, {in[0], out[1], err[1]});
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  ProcessResult result;
  std::thread writer([&] { WriteAll(in[1], options.input); });
  std::thread reader([&] { ReadAll(err[0], result.err); });
  ReadAll(out[0], result.out);
  reader.join();
  writer.join();
  result.exit_code = WaitProcess(pid);
  return result;
}

pid_t StartProcess(const std::vector<std::string>& command, const ProcessOptions& options,
                   int output, int input) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t pid =
      Spawn(command, options, {input < 0 ? null : input, output < 0 ? null : output, null});
  ::close(null);
  return pid;
}

}  // namespace coderank::testing
