// One function an operation: call the engine, print, return the exit status.
#pragma once

#include "coderank/cancellation.h"
#include "coderank/engine.h"
#include "command_line.h"
#include "terminal.h"

namespace coderank::cli {

inline constexpr int kExitFound = 0;
inline constexpr int kExitNothingFound = 1;
inline constexpr int kExitError = 2;

struct CommandContext {
  Engine& engine;
  const EngineOptions& options;  // that the engine was opened with
  const ops::Operation& operation;
  const ops::Arguments& arguments;
  Console& console;
  const CancellationToken& cancel;
};

using Command = Result<int> (*)(const CommandContext&);

Result<int> RunIndex(const CommandContext& context);
Result<int> RunWatch(const CommandContext& context);
Result<int> RunSearch(const CommandContext& context);
Result<int> RunCollectionSearch(const CommandContext& context);  // of `search --collection`
Result<int> RunFindRelated(const CommandContext& context);
Result<int> RunStatus(const CommandContext& context);
Result<int> RunClear(const CommandContext& context);
Result<int> RunEmbed(const CommandContext& context);
Result<int> RunRerank(const CommandContext& context);
Result<int> RunEval(const CommandContext& context);
Result<int> RunEvalCompare(const CommandContext& context);
Result<int> RunModelConnect(const CommandContext& context);
Result<int> RunModelPull(const CommandContext& context);
Result<int> RunModelAdd(const CommandContext& context);
Result<int> RunModelList(const CommandContext& context);
Result<int> RunModelInfo(const CommandContext& context);
Result<int> RunModelVerify(const CommandContext& context);
Result<int> RunModelRemove(const CommandContext& context);
Result<int> RunTextsExport(const CommandContext& context);
Result<int> RunVectorsImport(const CommandContext& context);
Result<int> RunSnapshotExport(const CommandContext& context);
Result<int> RunSnapshotImport(const CommandContext& context);
Result<int> RunSnapshotInfo(const CommandContext& context);
Result<int> RunCacheStatus(const CommandContext& context);
Result<int> RunCacheClear(const CommandContext& context);
Result<int> RunCacheTrim(const CommandContext& context);
Result<int> RunCollectionList(const CommandContext& context);
Result<int> RunCollectionInfo(const CommandContext& context);
Result<int> RunCollectionVerify(const CommandContext& context);
Result<int> RunCollectionMigrate(const CommandContext& context);
Result<int> RunCollectionRollback(const CommandContext& context);
Result<int> RunCollectionExport(const CommandContext& context);
Result<int> RunCollectionImport(const CommandContext& context);
Result<int> RunCollectionPush(const CommandContext& context);
Result<int> RunCollectionPull(const CommandContext& context);
Result<int> RunMcp(const CommandContext& context);
Result<int> RunInstall(const CommandContext& context);
Result<int> RunUninstall(const CommandContext& context);
Result<int> RunServe(const CommandContext& context);
Result<int> RunBenchPipeline(const CommandContext& context);
Result<int> RunDoctor(const CommandContext& context);
Result<int> RunCompletions(const CommandContext& context);
Result<int> RunMan(const CommandContext& context);

// The function of an operation of the table.
Command FindCommand(std::string_view operation_name);

}  // namespace coderank::cli
