#include "support/line_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace coderank::testing {

LineProcess::LineProcess(const std::vector<std::string>& command, const ProcessOptions& options) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  pid_ = StartProcess(command, options, ends[1]);
  ::close(ends[1]);
  output_ = ends[0];
}

LineProcess::~LineProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    WaitProcess(pid_);
  }
  ::close(output_);
}

std::optional<std::string> LineProcess::Next() {
  constexpr int kMinute = 60'000;  // milliseconds
  for (;;) {
    if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, kMinute) <= 0) return std::nullopt;
    std::array<char, 4096> block{};
    const ssize_t got = ::read(output_, block.data(), block.size());
    if (got <= 0) return std::nullopt;
    buffer_.append(block.data(), static_cast<size_t>(got));
  }
}

void LineProcess::Signal(int signal) const { ::kill(pid_, signal); }

int LineProcess::Wait() {
  const int code = WaitProcess(pid_);
  pid_ = -1;
  return code;
}

}  // namespace coderank::testing
