// Operations on indexes and on the embedding cache. Names and meanings are a contract for scripts:
// add, do not change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {

Operation Index() {
  return {
      .name = "index",
      .summary = "Build or refresh the index of a folder",
      .details =
          "Unchanged files cost a look at their size and time. A run that was stopped, "
          "even killed, is continued by the next one. --no-ignore, --hidden and "
          "--include-secrets hold for this run: the next one without them removes what they "
          "added. DIR inside an indexed folder gets an index of its own. Without a model the index "
          "has no vectors; a later run adds them. Vectors are made for --budget minutes at most: "
          "of files changed lately first, then of files that others refer to most. With --store "
          "qdrant they are searched in a collection of a Qdrant server, which this and later runs "
          "keep up to date; the index itself stays here. --store embedded goes back to files.",
      .parameters = {kDirectory,
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
                     {.name = "store",
                      .type = ParameterType::kChoice,
                      .help = "where vectors are searched: in files (embedded) or in a collection "
                              "(qdrant); default: where they are",
                      .local = true,
                      .value_name = "STORE",
                      .choices = kStores},
                     {.name = "collection",
                      .help = "with --store qdrant: the collection; default: named after DIR",
                      .local = true,
                      .value_name = "NAME"},
                     kYes,
                     kUrl,
                     kTrustIndex,
                     kJson,
                     kQuiet},
  };
}

Operation Watch() {
  return {
      .name = "watch",
      .summary = "Build the index of a folder and keep it up to date until interrupted",
      .details =
          "Changes are noticed through inotify, and by looking every two seconds where the kernel "
          "has no watches left or the file system reports nothing. A burst of changes is taken in "
          "at once when it is over. Missing vectors are made in turns of ten seconds, without a "
          "budget. Other runs of coderank can write the index between two refreshes. With --json, "
          "prints a line for each refresh.",
      .parameters = {kDirectory, kModel, kModels, kIndex, kPrecision, kMaxTokens, kThreads,
                     kNoIgnore, kHidden, kIncludeSecrets, kYes, kTrustIndex, kJson, kQuiet},
  };
}

Operation StatusOperation() {
  return {
      .name = "status",
      .summary = "Say what is indexed, with which model, and what was left out",
      .details = "With --why, say which rule leaves a path out, or that it is indexed.",
      .parameters = {kDirectory,
                     {.name = "why",
                      .type = ParameterType::kPath,
                      .help = "explain this path, relative to DIR",
                      .value_name = "PATH"},
                     kModels,
                     kIndex,
                     kTrustIndex,
                     kJson,
                     kQuiet},
  };
}

Operation Clear() {
  return {.name = "clear",
          .summary = "Remove the index of a folder",
          .details = "Removes only what coderank made; sources and models stay.",
          .parameters = {kDirectory, kIndex, kJson, kQuiet}};
}

namespace {

const Parameter kFile = {.name = "file",
                         .type = ParameterType::kPath,
                         .help = "JSON Lines",
                         .positional = true,
                         .required = true,
                         .value_name = "FILE"};

}  // namespace

Operation TextsExport() {
  return {
      .name = "texts export",
      .summary = "Write the texts that have no vector to a file for a bigger machine",
      .details =
          "There, scripts/embed_texts.py (sentence-transformers, GPU or CPU) makes a file of "
          "vectors for `coderank vectors import`. Its vectors are f32, so the index has to be of "
          "--precision f32; one that has no vectors yet becomes that. FILE holds source text "
          "and must not exist yet.",
      .parameters = {kFile, kDirectory, kModel, kModels, kIndex, kPrecision, kMaxTokens, kThreads,
                     kJson, kQuiet}};
}

Operation VectorsImport() {
  return {
      .name = "vectors import",
      .summary = "Read vectors that another machine made",
      .details =
          "They go to the texts of the index that have none, and into the embedding cache, from "
          "where other trees take them. Each is checked: model, dimension, length, finite "
          "numbers, once only.",
      .parameters = {kFile, kDirectory, kModel, kModels, kIndex, kPrecision, kMaxTokens, kThreads,
                     kJson, kQuiet}};
}

Operation CacheStatus() {
  return {.name = "cache status",
          .summary = "Say what the embedding cache holds",
          .details =
              "Vectors are kept for all of your trees by model and text, so that branches, "
              "worktrees and clones do not compute them again. The size is limited by "
              "cache.max_bytes of your settings; 0 switches the cache off.",
          .parameters = {kJson, kQuiet}};
}

Operation CacheClear() {
  return {.name = "cache clear",
          .summary = "Remove the embedding cache",
          .details =
              "Indexes keep their vectors. Snapshots that were unpacked to be searched go too; "
              "their files stay.",
          .parameters = {kJson, kQuiet}};
}

Operation CacheTrim() {
  return {.name = "cache trim",
          .summary = "Give disk space back that the embedding cache does not need",
          .details = "Vectors that were not used for longest go first, down to cache.max_bytes.",
          .parameters = {kJson, kQuiet}};
}

}  // namespace coderank::ops
