#include "ask_server.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "server/daemon/identity.h"
#include "server/serving/runtime_folder.h"

namespace coderank::cli {
namespace {

// The server has another working directory. Several folders are named in the answer as they were
// given: such an answer is made here, and one that compares with every vector of a collection.
bool MakeAbsolute(SearchRequest& request) {
  if (request.exact) return false;
  std::error_code error;
  request.directory = std::filesystem::absolute(request.directory, error);
  return !error && request.more_directories.empty();
}

// The server's log has its notes; this process is told them by the answer.
std::optional<SearchReport> Told(Result<SearchReport> report, Console& console) {
  if (!report) return std::nullopt;
  for (const std::string& note : report->notes) console.Note(note);
  return *std::move(report);
}

}  // namespace

std::optional<server::PrivateClient> FindServer(const CommandContext& context) {
  // A number of threads is a wish about this process.
  if (context.arguments.Flag("no-server") || context.options.threads) return std::nullopt;
  const auto folder = server::RuntimeFolder();
  if (!folder) return std::nullopt;
  return server::PrivateClient(server::PrivateSocketIn(*folder),
                               server::IdentityOf(context.options));
}

std::optional<SearchReport> AskServer(const CommandContext& context, const SearchRequest& request,
                                      const ProgressSink& progress) {
  auto server = FindServer(context);
  SearchRequest absolute = request;
  if (!server || !MakeAbsolute(absolute)) return std::nullopt;
  return Told(server->Search(absolute, {.cancel = &context.cancel, .progress = progress}),
              context.console);
}

std::optional<SearchReport> AskServer(const CommandContext& context, const RelatedRequest& request,
                                      const ProgressSink& progress) {
  auto server = FindServer(context);
  RelatedRequest absolute = request;
  if (!server || !MakeAbsolute(absolute.search)) return std::nullopt;
  return Told(server->FindRelated(absolute, {.cancel = &context.cancel, .progress = progress}),
              context.console);
}

}  // namespace coderank::cli
