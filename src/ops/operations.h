// The rows of the operation table, a file for each kind.
#pragma once

#include "ops/operation.h"

namespace coderank::ops {

// index_operations.cc
Operation Index();
Operation Watch();
Operation StatusOperation();
Operation Clear();
Operation TextsExport();
Operation VectorsImport();
Operation CacheStatus();
Operation CacheClear();
Operation CacheTrim();

// snapshot_operations.cc
Operation SnapshotExport();
Operation SnapshotImport();
Operation SnapshotInfo();

// search_operations.cc
Operation Search();
Operation FindRelated();
Operation Embed();
Operation Rerank();
Operation Eval();
Operation EvalCompare();

// bench_operation.cc
Operation BenchPipeline();

// collection_operations.cc
Operation CollectionList();
Operation CollectionInfo();
Operation CollectionVerify();
Operation CollectionMigrate();
Operation CollectionRollback();
Operation CollectionExport();
Operation CollectionImport();
Operation CollectionPush();
Operation CollectionPull();

// agent_operations.cc
Operation Mcp();
Operation Install();
Operation Uninstall();

// shell_operations.cc
Operation Completions();
Operation Man();

// serve_operation.cc
Operation Serve();

// model_operations.cc
Operation ModelAdd();
Operation ModelConnect();
Operation ModelPull();
Operation ModelList();
Operation ModelInfo();
Operation ModelVerify();
Operation ModelRemove();
Operation Doctor();

}  // namespace coderank::ops
