#include "syntax/worker_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace coderank {
namespace {

// posix_spawn's attributes, destroyed on all ways out.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0, or an error number.
  int Prepare(int socket) {
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    int error = ::posix_spawnattr_setsigmask(&attributes_, &none);
    if (error == 0) error = ::posix_spawnattr_setsigdefault(&attributes_, &all);
    if (error == 0) {
      error =
          ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    if (error == 0) error = ::posix_spawn_file_actions_adddup2(&actions_, socket, STDIN_FILENO);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
      if (error != 0) break;
      error = ::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_WRONLY, 0);
    }
    return error;
  }

  int Spawn(pid_t* pid, const std::vector<char*>& arguments) {
    return ::posix_spawn(pid, arguments.front(), &actions_, &attributes_, arguments.data(),
                         environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::string ReasonOf(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    if (signal == SIGXCPU) return "its parser took too much time";
    return StrCat("its parser crashed with signal ", signal);
  }
  if (WEXITSTATUS(status) == kWorkerOutOfMemory) return "its parser took too much memory";
  return StrCat("its parser ended with status ", WEXITSTATUS(status));
}

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Result<WorkerProcess> WorkerProcess::Start(std::span<const std::string> command) {
  if (command.empty()) return InvalidArgument("parser process: its command is empty");
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoStatus(errno, "parser process", "cannot make a socket");
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  std::vector<std::string> copy(command.begin(), command.end());
  std::vector<char*> arguments;
  arguments.reserve(copy.size() + 1);
  for (std::string& argument : copy) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  SpawnPlan plan;
  pid_t pid = -1;
  int error = plan.Prepare(theirs.get());
  if (error == 0) error = plan.Spawn(&pid, arguments);
  if (error != 0) return ErrnoStatus(error, command.front(), "cannot start the parser process");
  return WorkerProcess(pid, std::move(ours));
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}

WorkerProcess& WorkerProcess::operator=(WorkerProcess&& other) noexcept {
  if (this != &other) {
    Stop();
    pid_ = std::exchange(other.pid_, -1);
    socket_ = std::move(other.socket_);
  }
  return *this;
}

WorkerProcess::~WorkerProcess() { Stop(); }

Result<size_t> WorkerProcess::Send(std::string_view bytes) {
  const ssize_t sent =
      ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<size_t>(sent);
  if (WouldBlock(errno)) return size_t{0};
  return Unavailable("parser process: it is gone");
}

Result<size_t> WorkerProcess::Receive(std::span<char> buffer) {
  const ssize_t received = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (received > 0) return static_cast<size_t>(received);
  if (received < 0 && WouldBlock(errno)) return size_t{0};
  return Unavailable("parser process: it is gone");
}

std::string WorkerProcess::Stop() {
  if (pid_ < 0) return {};
  const pid_t pid = std::exchange(pid_, -1);
  socket_ = UniqueFd();
  // One that ended by itself keeps its own status; the signal reaches a zombie without effect.
  ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return {};
  }
  const bool by_us = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  const bool orderly = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return by_us || orderly ? std::string() : ReasonOf(status);
}

}  // namespace coderank
