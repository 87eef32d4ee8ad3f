#include "server/mcp/stdio_transport.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>

#include "base/strings.h"
#include "server/mcp/session.h"

namespace coderank::server::mcp {
namespace {

constexpr size_t kBlockBytes = 64U << 10U;
constexpr int kLookAgainMilliseconds = 20;  // at calls that run after the end of the input

// Writes messages, each in one piece. Thread-safe.
class LineSink : public ReplySink {
 public:
  explicit LineSink(int output) : output_(output) {}

  void Notify(const std::string& text) override { WriteLine(text); }
  void Finish(std::optional<Reply> reply) override {
    if (reply) WriteLine(reply->text);
  }
  // Nobody reads any more.
  bool broken() const {
    const std::lock_guard lock(mutex_);
    return broken_;
  }

 private:
  void WriteLine(const std::string& text) {
    const std::lock_guard lock(mutex_);
    const std::string line = text + "\n";
    size_t done = 0;
    while (!broken_ && done < line.size()) {
      const ssize_t put = ::write(output_, line.data() + done, line.size() - done);
      if (put > 0) {
        done += static_cast<size_t>(put);
      } else if (put < 0 && errno == EAGAIN) {
        pollfd writable{.fd = output_, .events = POLLOUT, .revents = 0};
        ::poll(&writable, 1, -1);
      } else if (put == 0 || errno != EINTR) {
        broken_ = true;
      }
    }
  }

  const int output_;
  mutable std::mutex mutex_;
  bool broken_ = false;  // guarded by mutex_
};

// Cuts what is read into lines. A line that is longer than a message may be is given cut, just
// long enough to be refused; the rest of it is passed over.
class LineSplitter {
 public:
  template <typename OnLine>
  void Add(std::string_view block, const OnLine& on_line) {
    while (!block.empty()) {
      const size_t end = block.find('\n');
      const std::string_view piece = block.substr(0, end);
      line_ += piece.substr(0, kMostMessageBytes + 1 - line_.size());
      if (end == std::string_view::npos) return;
      End(on_line);
      block.remove_prefix(end + 1);
    }
  }
  // At the end of the input a line may lack its end.
  template <typename OnLine>
  void End(const OnLine& on_line) {
    if (line_.ends_with('\r')) line_.pop_back();
    if (line_.find_first_not_of(" \t") != std::string::npos) on_line(line_);
    line_.clear();
  }

 private:
  std::string line_;
};

enum class Event { kInput, kReaderLeft, kStop };

// Waits for input. A signal that sets `cancel` between the look at it and the wait would be
// missed: signals are let in during the wait only.
Event WaitForInput(int input, int output, const CancellationToken& cancel) {
  sigset_t stopping;
  sigset_t before;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGINT);
  sigaddset(&stopping, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stopping, &before);
  std::array<pollfd, 2> waiting = {
      {{.fd = input, .events = POLLIN, .revents = 0}, {.fd = output, .events = 0, .revents = 0}}};
  Event event = Event::kStop;
  while (!cancel.IsCancelled()) {
    const int ready = ::ppoll(waiting.data(), waiting.size(), nullptr, &before);
    if (ready < 0 && errno == EINTR) continue;
    const bool reader_left = (waiting[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    event = reader_left ? Event::kReaderLeft : Event::kInput;
    break;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return event;
}

bool ReaderLeft(int output, int wait_milliseconds) {
  pollfd state{.fd = output, .events = 0, .revents = 0};
  return ::poll(&state, 1, wait_milliseconds) > 0;
}

class StdioConnection {
 public:
  StdioConnection(Server& server, int input, int output)
      : input_(input),
        output_(output),
        sink_(std::make_shared<LineSink>(output)),
        session_(std::make_shared<Session>(server, Transport::kStdio)) {}

  Status Serve(const CancellationToken& cancel) {
    Status read = ReadAll(cancel);
    while (!session_->idle()) {
      if (cancel.IsCancelled() || sink_->broken() || ReaderLeft(output_, kLookAgainMilliseconds)) {
        session_->CancelAll();
        ReaderLeft(-1, kLookAgainMilliseconds);  // only waits
      }
    }
    return read;
  }

 private:
  Status ReadAll(const CancellationToken& cancel) {
    LineSplitter lines;
    const auto on_line = [this](std::string_view line) { session_->ReceiveText(line, sink_); };
    std::array<char, kBlockBytes> block{};
    while (WaitForInput(input_, output_, cancel) == Event::kInput) {
      const ssize_t got = ::read(input_, block.data(), block.size());
      if (got == 0) lines.End(on_line);
      if (got == 0) break;
      if (got < 0 && errno != EINTR && errno != EAGAIN) {
        return Unavailable(
            StrCat("standard input: cannot be read: ", std::generic_category().message(errno)));
      }
      if (got > 0) lines.Add({block.data(), static_cast<size_t>(got)}, on_line);
    }
    return OkStatus();
  }

  const int input_;
  const int output_;
  const std::shared_ptr<LineSink> sink_;
  const std::shared_ptr<Session> session_;
};

}  // namespace

Status ServeStdio(Server& server, int input, int output, const CancellationToken& cancel) {
  return StdioConnection(server, input, output).Serve(cancel);
}

}  // namespace coderank::server::mcp
