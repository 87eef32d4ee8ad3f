// The table itself.
#include "ops/operations.h"

#include <vector>

namespace coderank::ops {

std::span<const Operation> Operations() {
  static const std::vector<Operation> table = {
      Index(),
      Search(),
      FindRelated(),
      Watch(),
      StatusOperation(),
      Clear(),
      Embed(),
      Rerank(),
      Eval(),
      EvalCompare(),
      BenchPipeline(),
      ModelAdd(),
      ModelPull(),
      ModelConnect(),
      ModelList(),
      ModelInfo(),
      ModelVerify(),
      ModelRemove(),
      TextsExport(),
      VectorsImport(),
      SnapshotExport(),
      SnapshotImport(),
      SnapshotInfo(),
      CacheStatus(),
      CacheClear(),
      CacheTrim(),
      CollectionList(),
      CollectionInfo(),
      CollectionVerify(),
      CollectionMigrate(),
      CollectionRollback(),
      CollectionExport(),
      CollectionImport(),
      CollectionPush(),
      CollectionPull(),
      Serve(),
      Mcp(),
      Install(),
      Uninstall(),
      Doctor(),
      Completions(),
      Man(),
  };
  return table;
}

const Operation* FindOperation(std::string_view name) {
  for (const Operation& operation : Operations()) {
    if (operation.name == name) return &operation;
  }
  return nullptr;
}

}  // namespace coderank::ops
