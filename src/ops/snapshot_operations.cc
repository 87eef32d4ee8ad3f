// Operations on snapshots. Names and meanings are a contract for scripts: add, do not change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {
namespace {

const Parameter kSnapshotFile = {.name = "file",
                                 .type = ParameterType::kPath,
                                 .help = "the snapshot",
                                 .positional = true,
                                 .required = true,
                                 .value_name = "FILE"};

}  // namespace

Operation SnapshotExport() {
  return {
      .name = "snapshot export",
      .summary = "Write an index to one file, for other machines",
      .details =
          "FILE holds the texts of the sources, their vectors, the name of the indexed folder and "
          "those of files below it; nothing else of this machine, and nothing that was deleted "
          "from the index. It is as secret as the sources. An indexing run may be under way: what "
          "it has committed is taken. `coderank search QUERY --snapshot FILE` searches it as it "
          "is, `coderank snapshot import FILE DIR` makes it the index of another copy of the "
          "sources.",
      .parameters = {kSnapshotFile,
                     kDirectory,
                     {.name = "replace", .type = ParameterType::kFlag, .help = "overwrite FILE"},
                     kIndex,
                     kTrustIndex,
                     kJson,
                     kQuiet}};
}

Operation SnapshotImport() {
  return {.name = "snapshot import",
          .summary = "Make the index of a folder of a snapshot",
          .details =
              "DIR holds the sources. Its index is the snapshot's, in one step, and is then "
              "refreshed as by `coderank index`: each file is read and compared by its content, "
              "and what is the same keeps its chunks and vectors. From then on the index counts as "
              "one that you made: import what you trust, since a snapshot decides which texts "
              "stand for a file that it knows, and which vectors for texts.",
          .parameters = {kSnapshotFile,
                         kDirectory,
                         {.name = "replace",
                          .type = ParameterType::kFlag,
                          .help = "put it in the place of the index that DIR has"},
                         kModel,
                         kModels,
                         kIndex,
                         kPrecision,
                         kMaxTokens,
                         kThreads,
                         kNoIgnore,
                         kHidden,
                         kIncludeSecrets,
                         kBudgetMinutes,
                         kTrustIndex,
                         kJson,
                         kQuiet}};
}

Operation SnapshotInfo() {
  return {.name = "snapshot info",
          .summary = "Say what a snapshot holds, and of what it was made",
          .details = "Looks at the file's first bytes and its length.",
          .parameters = {kSnapshotFile, kJson, kQuiet}};
}

}  // namespace coderank::ops
