#include "start_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/strings.h"

namespace coderank::cli {
namespace {

constexpr const char* kThisProgram = "/proc/self/exe";
constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kBetweenLooks = std::chrono::milliseconds(10);

// What both processes must have in common to serve each other: see server::IdentityOf.
std::vector<std::string> CommandFor(const EngineOptions& options, int64_t idle_minutes) {
  std::vector<std::string> command = {"coderank",
                                      "serve",
                                      "--quiet",
                                      "--listen",
                                      "off",
                                      "--idle-exit",
                                      std::to_string(idle_minutes)};
  const auto add = [&command](const char* flag, const std::string& value) {
    command.emplace_back(flag);
    command.push_back(value);
  };
  if (options.model) add("--model", *options.model);
  if (options.models_folder) add("--models", options.models_folder->native());
  if (options.precision) add("--precision", *options.precision);
  if (options.max_tokens) add("--max-tokens", StrCat(*options.max_tokens));
  if (options.trust_index) command.emplace_back("--trust-index");
  return command;
}

// In the child of a child, which init inherits: nobody has to wait for it.
[[noreturn]] void BecomeServer(char* const* arguments) {
  ::setsid();
  const pid_t server = ::fork();
  if (server != 0) ::_exit(server > 0 ? 0 : 1);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, fd);
  ::execv(kThisProgram, arguments);
  ::_exit(1);
}

}  // namespace

Status StartServer(const EngineOptions& options, int64_t idle_minutes,
                   const server::PrivateClient& server) {
  std::vector<std::string> command = CommandFor(options, idle_minutes);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return Unavailable(StrCat("serve: ", std::generic_category().message(errno)));
  if (child == 0) BecomeServer(arguments.data());
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!server.readiness().ready) {
    if (std::chrono::steady_clock::now() >= end) return Unavailable("serve: does not answer");
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return OkStatus();
}

}  // namespace coderank::cli
