// The table itself. Names and meanings are a contract for scripts: add, do not change.
#include <array>
#include <vector>

#include "ops/operation.h"

namespace coderank::ops {
namespace {

constexpr std::array<std::string_view, 2> kPrecisions = {"int8", "f32"};
constexpr std::array<std::string_view, 3> kModes = {"hybrid", "semantic", "lexical"};
constexpr std::array<std::string_view, 3> kContents = {"all", "code", "docs"};
constexpr int64_t kMostThreads = 1024;

// --- Parameters that several operations share.

const Parameter kDirectory = {.name = "directory",
                              .type = ParameterType::kPath,
                              .help = "folder to work on",
                              .positional = true,
                              .value_name = "DIR",
                              .default_value = "."};
const Parameter kModel = {.name = "model",
                          .help = "model to use; default: the index's, else the installed default",
                          .value_name = "NAME"};
const Parameter kModels = {.name = "models",
                           .type = ParameterType::kPath,
                           .help = "folder of the installed models",
                           .value_name = "FOLDER"};
const Parameter kIndex = {.name = "index",
                          .type = ParameterType::kPath,
                          .help = "folder of the index; default: .coderank in the indexed folder",
                          .value_name = "FOLDER"};
const Parameter kPrecision = {.name = "precision",
                              .type = ParameterType::kChoice,
                              .help = "arithmetic of the encoder: int8 (the default) or f32",
                              .value_name = "P",
                              .choices = kPrecisions};
const Parameter kMaxTokens = {.name = "max-tokens",
                              .type = ParameterType::kInteger,
                              .help = "cut texts after N tokens; default: the model's length",
                              .value_name = "N",
                              .least = 3,
                              .most = 8192};
const Parameter kThreads = {.name = "threads",
                            .type = ParameterType::kInteger,
                            .help = "threads to use; default: all cores this process may use",
                            .value_name = "N",
                            .least = 1,
                            .most = kMostThreads};
const Parameter kNoIgnore = {.name = "no-ignore",
                             .type = ParameterType::kFlag,
                             .help = "index what ignore files and built-in rules leave out"};
const Parameter kHidden = {.name = "hidden",
                           .type = ParameterType::kFlag,
                           .help = "index files and folders whose name starts with a dot"};
const Parameter kIncludeSecrets = {
    .name = "include-secrets",
    .type = ParameterType::kFlag,
    .help = "index keys and credential files too (.env with --hidden)"};
const Parameter kMode = {.name = "mode",
                         .type = ParameterType::kChoice,
                         .help =
                             "what the order rests on: words and vectors (hybrid), vectors "
                             "(semantic) or words (lexical)",
                         .value_name = "MODE",
                         .default_value = "hybrid",
                         .choices = kModes};
const Parameter kTrustIndex = {.name = "trust-index",
                               .type = ParameterType::kFlag,
                               .help = "use an index found in the tree that you did not make"};
const Parameter kJson = {
    .name = "json", .type = ParameterType::kFlag, .help = "print one JSON object"};
const Parameter kQuiet = {.name = "quiet",
                          .type = ParameterType::kFlag,
                          .help = "no progress and no notes on standard error",
                          .short_name = 'q'};
const Parameter kModelName = {.name = "name",
                              .help = "an installed model; default: the configured or only one",
                              .positional = true,
                              .value_name = "NAME"};

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
          "of files changed lately first, then of files that others refer to most.",
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
                     {.name = "budget",
                      .type = ParameterType::kInteger,
                      .help = "minutes for making vectors, 0 for no limit; default: 20, or "
                              "index.budget_minutes of your settings",
                      .value_name = "MINUTES",
                      .least = 0,
                      .most = int64_t{60} * 24 * 30},
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
                     kNoIgnore, kHidden, kIncludeSecrets, kTrustIndex, kJson, kQuiet},
  };
}

Operation Search() {
  return {
      .name = "search",
      .summary = "Find the code that a sentence describes",
      .details =
          "DIR inside an indexed folder uses that index and shows only what lies in DIR; "
          "otherwise DIR is indexed first. A few changed files are taken in before the answer; "
          "more "
          "are said, and `coderank index` takes them in. Filters apply before the best results are "
          "chosen. Exit status: 0 found, 1 nothing found, 2 error.",
      .parameters = {{.name = "query",
                      .help = "what to look for, in words or names",
                      .positional = true,
                      .required = true,
                      .value_name = "QUERY"},
                     kDirectory,
                     {.name = "limit",
                      .type = ParameterType::kInteger,
                      .help = "results wanted",
                      .short_name = 'k',
                      .value_name = "N",
                      .default_value = "10",
                      .least = 1,
                      .most = 1000},
                     {.name = "offset",
                      .type = ParameterType::kInteger,
                      .help = "results to leave out at the front",
                      .value_name = "N",
                      .default_value = "0",
                      .least = 0,
                      .most = 100000},
                     {.name = "path",
                      .help = "only files matching this glob (.gitignore syntax)",
                      .repeated = true,
                      .value_name = "GLOB"},
                     {.name = "exclude",
                      .help = "no files matching this glob",
                      .repeated = true,
                      .value_name = "GLOB"},
                     {.name = "lang",
                      .help = "only files of this language, as --json names it",
                      .repeated = true,
                      .value_name = "NAME"},
                     kMode,
                     {.name = "content",
                      .type = ParameterType::kChoice,
                      .help = "what to search; docs are Markdown, reStructuredText, HTML and such",
                      .value_name = "KIND",
                      .default_value = "all",
                      .choices = kContents},
                     {.name = "explain",
                      .type = ParameterType::kFlag,
                      .help = "show what each result's score is made of"},
                     {.name = "files-only",
                      .type = ParameterType::kFlag,
                      .help = "print path:line only",
                      .short_name = 'l'},
                     {.name = "wait",
                      .type = ParameterType::kFlag,
                      .help = "a tree indexed by this search: wait until all of it has vectors"},
                     kModel,
                     kModels,
                     kIndex,
                     kPrecision,
                     kMaxTokens,
                     kThreads,
                     kTrustIndex,
                     kJson,
                     kQuiet},
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

Operation Embed() {
  return {
      .name = "embed",
      .summary = "Turn texts into vectors",
      .details =
          "With --jsonl, reads lines {\"text\": ...} on standard input and writes lines "
          "{\"vector\": [...], \"tokens\": n} in the same order.",
      .parameters = {{.name = "text",
                      .help = "text to embed, without --jsonl",
                      .positional = true,
                      .value_name = "TEXT"},
                     {.name = "jsonl",
                      .type = ParameterType::kFlag,
                      .help = "read and write JSON lines"},
                     {.name = "query",
                      .type = ParameterType::kFlag,
                      .help = "the texts are queries: use the model's query prompt"},
                     {.name = "token-ids",
                      .type = ParameterType::kFlag,
                      .help = "add \"ids\": the token ids after truncation"},
                     {.name = "no-normalize",
                      .type = ParameterType::kFlag,
                      .help = "give the pooled vectors as they are, not unit length"},
                     kModel,
                     kModels,
                     kPrecision,
                     kMaxTokens,
                     kThreads,
                     kQuiet},
  };
}

Operation Eval() {
  return {
      .name = "eval",
      .summary = "Measure how well a data set's queries are answered",
      .details =
          "DATASET holds repos.json and <name>/annotations.json, with the source trees in "
          "--sources, or corpus.jsonl, queries.jsonl and qrels/<split>.tsv (BEIR, CoIR). Trees are "
          "read where they lie; indexes go to a temporary folder, or to --work. "
          "docs/evaluation.md defines the measures. `eval compare` sets two runs side by side.",
      .parameters = {{.name = "dataset",
                      .type = ParameterType::kPath,
                      .help = "folder of the data set",
                      .positional = true,
                      .required = true,
                      .value_name = "DATASET"},
                     {.name = "sources",
                      .type = ParameterType::kPath,
                      .help = "folder of the trees, <name>/source; default: DATASET",
                      .value_name = "FOLDER"},
                     {.name = "repository",
                      .help = "only this repository of the data set",
                      .repeated = true,
                      .value_name = "NAME"},
                     {.name = "split",
                      .help = "which qrels/<split>.tsv to use",
                      .value_name = "NAME",
                      .default_value = "test"},
                     {.name = "limit",
                      .type = ParameterType::kInteger,
                      .help = "results asked for, and cut-off of the measures",
                      .short_name = 'k',
                      .value_name = "N",
                      .default_value = "10",
                      .least = 1,
                      .most = 1000},
                     kMode,
                     {.name = "work",
                      .type = ParameterType::kPath,
                      .help = "keep indexes here, and use those of an earlier run",
                      .value_name = "FOLDER"},
                     {.name = "score",
                      .type = ParameterType::kPath,
                      .help = "score this TREC run file instead of searching",
                      .value_name = "FILE"},
                     {.name = "out",
                      .type = ParameterType::kPath,
                      .help = "write every result and figure as JSON, for `eval compare`",
                      .value_name = "FILE"},
                     {.name = "trec",
                      .type = ParameterType::kPath,
                      .help = "write the results as a TREC run file",
                      .value_name = "FILE"},
                     {.name = "per-query",
                      .type = ParameterType::kFlag,
                      .help = "print a line (with --json an object) for every query"},
                     kModel,
                     kModels,
                     kPrecision,
                     kMaxTokens,
                     kThreads,
                     kJson,
                     kQuiet},
  };
}

Operation EvalCompare() {
  return {
      .name = "eval compare",
      .summary = "Say whether one run's measures differ from another's by more than chance",
      .details =
          "eval compare A B: two files of `eval --out` on the same queries. Differences are B - A, "
          "with a 95 % interval and a two-sided p from a paired bootstrap (10,000 resamples, "
          "fixed seed) within repositories.",
      .parameters = {{.name = "runs",
                      .type = ParameterType::kPath,
                      .help = "the two runs",
                      .positional = true,
                      .required = true,
                      .repeated = true,
                      .value_name = "A B"},
                     {.name = "per-query",
                      .type = ParameterType::kFlag,
                      .help = "print every query whose NDCG differs, worst first"},
                     kJson,
                     kQuiet},
  };
}

Operation ModelAdd() {
  return {
      .name = "model add",
      .summary = "Install a model from a folder or file on this machine",
      .details =
          "model add [NAME] PATH: PATH is a GGUF file of a BERT or NomicBERT encoder, or a "
          "folder in the Hugging Face layout (config.json, tokenizer.json or vocab.txt, "
          "safetensors, and where present modules.json, 1_Pooling, "
          "config_sentence_transformers.json). Its files are copied. Adding the same again "
          "changes nothing.",
      .parameters = {{.name = "arguments",
                      .help = "name to install it under (default: PATH's), and the folder or file",
                      .positional = true,
                      .required = true,
                      .repeated = true,
                      .value_name = "[NAME] PATH"},
                     {.name = "replace",
                      .type = ParameterType::kFlag,
                      .help = "take the place of a different model of that name"},
                     kModels,
                     kJson,
                     kQuiet},
  };
}

Operation ModelPull() {
  return {
      .name = "model pull",
      .summary = "Download a model and install it",
      .details =
          "MODEL is CodeRankEmbed (the default model), all-MiniLM-L6-v2, "
          "snowflake-arctic-embed-m-long or SweRankEmbed-Small, or hf:owner/name[@revision] for "
          "any other on the hub. Licence and size are shown first. A pull that was stopped, even "
          "killed, is continued by the next one; a model that is there already is not asked for "
          "again. Hashes of downloaded files are recorded in model-hashes.json in the state "
          "folder (~/.local/state/coderank): a file of the same commit with another hash is "
          "refused. HF_ENDPOINT names a mirror, HF_TOKEN an access token, HTTPS_PROXY a proxy.",
      .parameters = {{.name = "source",
                      .help = "a known name, or hf:owner/name[@revision]",
                      .positional = true,
                      .required = true,
                      .value_name = "MODEL"},
                     {.name = "name",
                      .help = "name to install it under; default: the known name or the "
                              "repository's",
                      .value_name = "NAME"},
                     {.name = "replace",
                      .type = ParameterType::kFlag,
                      .help = "download anew and take the place of the model of that name"},
                     kModels,
                     kThreads,
                     kJson,
                     kQuiet},
  };
}

Operation ModelList() {
  return {.name = "model list",
          .summary = "List the installed models",
          .details = {},
          .parameters = {kModels, kJson, kQuiet}};
}

Operation ModelInfo() {
  return {.name = "model info",
          .summary = "Show a model's record and the dimension its weights give",
          .details = {},
          .parameters = {kModelName, kModels, kJson, kQuiet}};
}

Operation ModelVerify() {
  return {.name = "model verify",
          .summary = "Hash a model's files again and compare with its record",
          .details = {},
          .parameters = {kModelName, kModels, kJson, kQuiet}};
}

const Parameter kFile = {.name = "file",
                         .type = ParameterType::kPath,
                         .help = "JSON Lines",
                         .positional = true,
                         .required = true,
                         .value_name = "FILE"};

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
          .details = "Indexes keep their vectors.",
          .parameters = {kJson, kQuiet}};
}

Operation CacheTrim() {
  return {.name = "cache trim",
          .summary = "Give disk space back that the embedding cache does not need",
          .details = "Vectors that were not used for longest go first, down to cache.max_bytes.",
          .parameters = {kJson, kQuiet}};
}

Operation Doctor() {
  return {.name = "doctor",
          .summary = "Check the installation and show the effective settings",
          .details = "A check that fails is marked with --; the exit status stays 0.",
          .parameters = {kDirectory, kModel, kModels, kIndex, kPrecision, kMaxTokens, kThreads,
                         kJson, kQuiet}};
}

}  // namespace

std::span<const Operation> Operations() {
  static const std::vector<Operation> table = {
      Index(),       Search(),     Watch(),       StatusOperation(), Clear(),
      Embed(),       Eval(),       EvalCompare(), ModelAdd(),        ModelPull(),
      ModelList(),   ModelInfo(),  ModelVerify(), TextsExport(),     VectorsImport(),
      CacheStatus(), CacheClear(), CacheTrim(),   Doctor(),
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
