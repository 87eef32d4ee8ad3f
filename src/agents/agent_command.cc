#include "agents/agent_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/file.h"
#include "base/strings.h"

extern char** environ;

namespace coderank::agents {
namespace {

namespace fs = std::filesystem;

// "claude mcp add ...", for messages.
std::string Words(const fs::path& program, const std::vector<std::string>& arguments) {
  std::string words = program.filename().native();
  for (const std::string& argument : arguments) words += StrCat(" ", argument);
  return words;
}

}  // namespace

std::optional<fs::path> FindProgram(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const size_t colon = std::min(rest.find(':'), rest.size());
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    std::error_code ignored;
    if (colon > 0 && fs::is_regular_file(candidate, ignored) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return std::nullopt;
}

Status RunProgram(const fs::path& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {program.native()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoStatus(error, program, "cannot be started");
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return OkStatus();
  return Unavailable(StrCat("`", Words(program, arguments), "`: ",
                            WIFEXITED(status) ? StrCat("ended with status ", WEXITSTATUS(status))
                                              : StrCat("was ended by signal ", WTERMSIG(status))));
}

}  // namespace coderank::agents
