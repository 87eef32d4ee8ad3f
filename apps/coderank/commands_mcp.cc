// mcp: an agent's server on standard input and output.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "ask_server.h"
#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "server/bound_service.h"
#include "server/daemon/shared_service.h"
#include "server/mcp/coderank_tools.h"
#include "server/mcp/stdio_transport.h"
#include "server/serving/runtime_folder.h"
#include "start_server.h"

namespace coderank::cli {
namespace {

// Standard output for the protocol alone: what any other code prints goes to standard error.
class ProtocolOutput {
 public:
  ProtocolOutput() : fd_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) {
    if (fd_ >= 0) ::dup2(STDERR_FILENO, STDOUT_FILENO);
  }
  ~ProtocolOutput() {
    if (fd_ < 0) return;
    ::dup2(fd_, STDOUT_FILENO);
    ::close(fd_);
  }
  ProtocolOutput(const ProtocolOutput&) = delete;
  ProtocolOutput& operator=(const ProtocolOutput&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

Result<server::Roots> RootsFrom(const ops::Arguments& arguments) {
  const auto& given = arguments.List("directories");
  return server::Roots::Of(std::vector<std::filesystem::path>(given.begin(), given.end()));
}

// "the source tree /home/me/project", for a model.
std::string Described(const server::Roots& roots) {
  std::string trees = roots.list().size() == 1 ? "the source tree " : "the source trees ";
  for (const auto& root : roots.list()) {
    if (&root != &roots.list().front()) trees += ", ";
    trees += root.folder.native();
  }
  return trees;
}

// Who is asked: the running server or, where the user wants that, one that is started now.
std::optional<server::PrivateClient> FindOrStartServer(const CommandContext& context) {
  // A server takes the folder of indexes from the environment alone.
  const bool starts = context.arguments.Flag("start-server") && !context.options.index_folder;
  Status started = OkStatus();
  if (starts) {
    if (const auto folder = server::MakeRuntimeFolder(); !folder) started = folder.error();
  }
  auto found = FindServer(context);
  if (starts && found && !found->readiness().ready) {
    started = StartServer(context.options, context.arguments.Integer("idle-exit"), *found);
  }
  if (!started.ok()) context.console.Note(StrCat(started.message(), "; going on without a server"));
  return found;
}

}  // namespace

Result<int> RunMcp(const CommandContext& context) {
  CODERANK_ASSIGN(server::Roots roots, RootsFrom(context.arguments));
  const ProtocolOutput output;
  if (output.fd() < 0) {
    return Unavailable(StrCat("standard output: ", std::generic_category().message(errno)));
  }
  const server::mcp::ServerInfo info = server::mcp::CoderankInfo(Described(roots));
  CODERANK_ASSIGN(const auto shared,
                  server::SharedService::Open(context.options, FindOrStartServer(context)));
  server::BoundService service(*shared, std::move(roots));
  server::mcp::Server server(
      info, server::mcp::CoderankTools(
                service, {.redact = {}, .has_collections = context.engine.HasQdrantServer()}));
  CODERANK_TRY(server::mcp::ServeStdio(server, STDIN_FILENO, output.fd(), context.cancel));
  return kExitFound;
}

}  // namespace coderank::cli
