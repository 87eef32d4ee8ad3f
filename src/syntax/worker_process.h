// WorkerProcess: a child process that parses, and the one socket to it.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "coderank/result.h"

namespace coderank {

// Exit statuses by which a worker says why it ends.
inline constexpr int kWorkerOutOfMemory = 71;

// Killed and reaped by the destructor. Not thread-safe.
class WorkerProcess {
 public:
  // Runs `command` with the socket as its standard input and nothing to write to.
  static Result<WorkerProcess> Start(std::span<const std::string> command);
  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&& other) noexcept;
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  ~WorkerProcess();

  int socket() const { return socket_.get(); }

  // Neither waits. How many bytes were moved, 0 when none can be now; kUnavailable when the process
  // is gone.
  Result<size_t> Send(std::string_view bytes);
  Result<size_t> Receive(std::span<char> buffer);

  // Ends it. Says why it had ended by itself, or nothing when it had not.
  std::string Stop();

 private:
  WorkerProcess(pid_t pid, UniqueFd socket) : pid_(pid), socket_(std::move(socket)) {}

  pid_t pid_ = -1;
  UniqueFd socket_;
};

}  // namespace coderank
