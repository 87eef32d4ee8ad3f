// coderank: parse, call the engine, print. Exit status 0 found or done, 1 nothing found, 2 error.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "command_line.h"
#include "commands.h"
#include "terminal.h"

namespace coderank::cli {
namespace {

CancellationToken cancel_token;

// The first interrupt asks the work to stop at its next commit, the second ends the process.
extern "C" void OnInterrupt(int signal) {
  cancel_token.Cancel();
  std::signal(signal, SIG_DFL);
}

// Descriptors 0 to 2 that the caller closed would be given to the next files opened, and results
// printed into an index. Opened the wrong way round, they fail when used.
void OccupyStandardDescriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // the lowest free: fd
  }
}

// The options of EngineOptions that the operation has and the caller gave.
EngineOptions OptionsFrom(const ops::Operation& operation, const ops::Arguments& arguments,
                          Console& console) {
  const auto given = [&](std::string_view name) {
    return operation.Find(name) != nullptr && arguments.Has(name);
  };
  EngineOptions options;
  if (given("model")) options.model = arguments.Text("model");
  if (given("models")) options.models_folder = arguments.Text("models");
  if (given("index")) options.index_folder = arguments.Text("index");
  if (given("precision")) options.precision = arguments.Text("precision");
  // Of an answer it is the length, and none of the engine's settings.
  if (given("max-tokens") && operation.Find("max-tokens")->local) {
    options.max_tokens = static_cast<uint32_t>(arguments.Integer("max-tokens"));
  }
  if (given("url")) options.qdrant_url = arguments.Text("url");
  if (given("threads")) options.threads = static_cast<size_t>(arguments.Integer("threads"));
  if (given("trust-index")) options.trust_index = arguments.Flag("trust-index");
  options.syntax_worker = OwnSyntaxWorker();
  options.log = console.log_sink();
  return options;
}

Result<int> Run(const Invocation& invocation, Console& console) {
  const EngineOptions options = OptionsFrom(*invocation.operation, invocation.arguments, console);
  CODERANK_ASSIGN(Engine engine, Engine::Open(options));
  const Command command = FindCommand(invocation.operation->name);
  if (command == nullptr) return InvalidArgument("not a command of this program");
  auto status = command(
      {engine, options, *invocation.operation, invocation.arguments, console, cancel_token});
  console.EndProgress();
  if (status) CODERANK_TRY(FlushOutput());
  const bool about_argument = !status && status.error().code() == StatusCode::kInvalidArgument;
  if (about_argument) return InWordsOfTheCommandLine(*invocation.operation, status.error());
  return status;
}

// Indexing, by itself or on behalf of a first search, and downloads go on where they stopped.
std::string_view AfterInterrupt(const Invocation& invocation) {
  const std::string_view name = invocation.operation->name;
  if (name == "eval" || name == "bench pipeline") return "no figures were made";
  if (name == "texts export" || name == "collection export") return "the file is not complete";
  if (name == "snapshot export") return "no snapshot was written";
  if (name == "model add") return "nothing was installed";
  if (name == "model verify") return "not every file was looked at";
  return "what is done is kept, run the same again to go on";
}

int Main(int argc, char** argv) {
  if (IsOwnSyntaxWorker(argc, argv)) return ServeSyntaxWorker();
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGTERM, OnInterrupt);
  std::signal(SIGPIPE, SIG_IGN);  // see FlushOutput
  OccupyStandardDescriptors();
  const auto parsed = ParseCommandLine(argc, argv);
  if (!parsed) {
    Console(false).Error(parsed.error());
    return kExitError;
  }
  if (!parsed->invocation) {
    std::fputs(parsed->text.c_str(), stdout);
    const Status flushed = FlushOutput();
    if (flushed.ok()) return kExitFound;
    Console(false).Error(flushed);
    return kExitError;
  }
  Console console(parsed->invocation->arguments.Flag("quiet"));
  const auto status = Run(*parsed->invocation, console);
  if (status) return *status;
  if (status.error().code() == StatusCode::kCancelled) {
    console.Error(Cancelled(StrCat("interrupted; ", AfterInterrupt(*parsed->invocation))));
  } else {
    console.Error(status.error());
  }
  return kExitError;
}

}  // namespace

Command FindCommand(std::string_view operation_name) {
  constexpr std::array<std::pair<std::string_view, Command>, 42> kCommands = {{
      {"index", RunIndex},
      {"find-related", RunFindRelated},
      {"watch", RunWatch},
      {"search", RunSearch},
      {"status", RunStatus},
      {"clear", RunClear},
      {"embed", RunEmbed},
      {"rerank", RunRerank},
      {"eval", RunEval},
      {"eval compare", RunEvalCompare},
      {"model pull", RunModelPull},
      {"model connect", RunModelConnect},
      {"model add", RunModelAdd},
      {"model list", RunModelList},
      {"model info", RunModelInfo},
      {"model verify", RunModelVerify},
      {"model remove", RunModelRemove},
      {"texts export", RunTextsExport},
      {"vectors import", RunVectorsImport},
      {"snapshot export", RunSnapshotExport},
      {"snapshot import", RunSnapshotImport},
      {"snapshot info", RunSnapshotInfo},
      {"cache status", RunCacheStatus},
      {"cache clear", RunCacheClear},
      {"cache trim", RunCacheTrim},
      {"collection list", RunCollectionList},
      {"collection info", RunCollectionInfo},
      {"collection verify", RunCollectionVerify},
      {"collection migrate", RunCollectionMigrate},
      {"collection rollback", RunCollectionRollback},
      {"collection export", RunCollectionExport},
      {"collection import", RunCollectionImport},
      {"collection push", RunCollectionPush},
      {"collection pull", RunCollectionPull},
      {"mcp", RunMcp},
      {"install", RunInstall},
      {"uninstall", RunUninstall},
      {"serve", RunServe},
      {"bench pipeline", RunBenchPipeline},
      {"doctor", RunDoctor},
      {"completions", RunCompletions},
      {"man", RunMan},
  }};
  for (const auto& [name, command] : kCommands) {
    if (name == operation_name) return command;
  }
  return nullptr;
}

}  // namespace coderank::cli

int main(int argc, char** argv) {
  try {
    return coderank::cli::Main(argc, argv);
  } catch (const std::exception& error) {  // out of memory, and nothing else by design
    coderank::cli::Console(false).Error(coderank::ResourceExhausted(error.what()));
    return coderank::cli::kExitError;
  }
}
