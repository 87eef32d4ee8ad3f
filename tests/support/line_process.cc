#include "support/line_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace coderank::testing {

LineProcess::LineProcess(const std::vector<std::string>& command, const ProcessOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) std::abort();
  pid_ = StartProcess(command, options, out[1], in[0]);
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  output_ = out[0];
}

LineProcess::~LineProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    WaitProcess(pid_);
  }
  CloseInput();
  CloseOutput();
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

bool LineProcess::Write(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t put = ::write(input_, text.data(), text.size());
    if (put <= 0) return false;
    text.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

void LineProcess::CloseInput() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

void LineProcess::CloseOutput() {
  if (output_ >= 0) ::close(output_);
  output_ = -1;
}

void LineProcess::Signal(int signal) const { ::kill(pid_, signal); }

int LineProcess::Wait() {
  const int code = WaitProcess(pid_);
  pid_ = -1;
  return code;
}

}  // namespace coderank::testing
