// Operations that answer queries, and the measuring of their answers. Names and meanings are a
// contract for scripts: add, do not change.
#include <utility>
#include <vector>

#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {

namespace {

const Parameter kDirectories = {.name = "directory",
                                .type = ParameterType::kPath,
                                .help = "folder or file to search; several are ranked together",
                                .positional = true,
                                .repeated = true,
                                .value_name = "DIR",
                                .default_value = "."};

// Of a search in collections instead of a folder.
const Parameter kCollections = {
    .name = "collection",
    .help = "search this collection of a Qdrant server instead of a folder",
    .repeated = true,
    .local = true,
    .value_name = "NAME"};
const Parameter kWhere = {.name = "where",
                          .help = "only points whose payload has this value, as in type=code",
                          .repeated = true,
                          .local = true,
                          .value_name = "KEY=VALUE",
                          .pattern = R"(^[^=\u0000]+=[^\u0000]*$)"};
const Parameter kExact = {.name = "exact",
                          .type = ParameterType::kFlag,
                          .help = "where vectors are in a collection: compare with every one",
                          .local = true};

const Parameter kSnapshot = {
    .name = "snapshot",
    .type = ParameterType::kPath,
    .help = "search this file of `coderank snapshot export` instead of a folder",
    .local = true,
    .value_name = "FILE"};

// What is let through, how much of it, and how it is shown: alike for all that answers in results.
std::vector<Parameter> WithResultParameters(std::vector<Parameter> first) {
  std::vector<Parameter> parameters = std::move(first);
  const std::vector<Parameter> shared = {
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
       .help = "only files of this language, by its name or usual extension (python, py)",
       .repeated = true,
       .value_name = "NAME"},
      kMode,
      kContent,
      {.name = "max-tokens",
       .type = ParameterType::kInteger,
       .help = "shorten the answer to about N tokens of a language model; 0: whole snippets",
       .value_name = "N",
       .default_value = "0",
       .least = 0,
       .most = 1000000},
      {.name = "context",
       .type = ParameterType::kInteger,
       .help = "lines of the file to add before and after each result",
       .short_name = 'C',
       .value_name = "N",
       .default_value = "0",
       .least = 0,
       .most = 1000},
      {.name = "no-refresh",
       .type = ParameterType::kFlag,
       .help = "answer from the index as it is, without a look at the files"},
      {.name = "explain",
       .type = ParameterType::kFlag,
       .help = "show what each result's score is made of"},
      {.name = "files-only",
       .type = ParameterType::kFlag,
       .help = "print path:line only",
       .short_name = 'l',
       .local = true},
      {.name = "wait",
       .type = ParameterType::kFlag,
       .help = "a tree indexed by this search: wait until all of it has vectors",
       .local = true},
      {.name = "jsonl",
       .type = ParameterType::kFlag,
       .help = "print JSON lines: one a result, then one about the answer",
       .local = true},
      kNoServer,
      kModel,
      kModels,
      kIndex,
      kPrecision,
      kThreads,
      kTrustIndex,
      kJson,
      kQuiet};
  parameters.insert(parameters.end(), shared.begin(), shared.end());
  return parameters;
}

}  // namespace

Operation Search() {
  return {
      .name = "search",
      .summary = "Find the code that a sentence describes",
      .details =
          "DIR inside an indexed folder uses that index and shows only what lies in DIR; "
          "otherwise DIR is indexed first. A few changed files are taken in before the answer; "
          "more are said, and `coderank index` takes them in. Inside QUERY, symbol:NAME, "
          "path:GLOB, "
          "lang:NAME and \"an exact phrase\" are filters. Filters apply before the best results "
          "are "
          "chosen. With --collection, which may be repeated, points of a Qdrant server are "
          "searched, "
          "whoever made them; the model is that of [collections.NAME] in config.toml, or the only "
          "one that fits. With --snapshot, an exported index answers, with or without its sources "
          "and never refreshed. Exit status: 0 found, 1 nothing found, 2 error.",
      .parameters = WithResultParameters({{.name = "query",
                                           .help = "what to look for, in words or names",
                                           .positional = true,
                                           .required = true,
                                           .value_name = "QUERY"},
                                          kDirectories,
                                          kRerank,
                                          kRerankModel,
                                          kRerankTask,
                                          kRerankDepth,
                                          kRerankWeight,
                                          kBudget,
                                          kSnapshot,
                                          kCollections,
                                          kWhere,
                                          kExact,
                                          kTextKey,
                                          kUrl}),
  };
}

Operation FindRelated() {
  return {
      .name = "find-related",
      .summary = "Find code that is like the code at a place",
      .details =
          "PLACE is path:line, also as `search` prints it (path:12-40), relative to DIR. The chunk "
          "of code there is compared with all others by its words and its vector; no model is "
          "needed. The index is found, refreshed and filtered as by `search`. Exit status: 0 "
          "found, 1 nothing found, 2 error.",
      .parameters = WithResultParameters({{.name = "place",
                                           .help = "path:line of the code to compare with",
                                           .positional = true,
                                           .required = true,
                                           .value_name = "PLACE",
                                           .pattern = R"(^[^\u0000]+:0*[1-9][0-9]{0,7}$)"},
                                          kDirectory}),
  };
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

Operation Rerank() {
  return {
      .name = "rerank",
      .summary = "Judge how well documents answer a query, best first",
      .details =
          "Reads documents on standard input: JSON lines {\"text\": ...}, or with --files the "
          "names "
          "of files, one a line, as `git ls-files` prints them. A document is known by its place "
          "in "
          "the input, from 0, or by its file. Scores are the model's logits: any real number, "
          "higher "
          "is better. With a language model as --rerank-model the documents are ranked as a list, "
          "ten at a time from its end, and a score is the number of documents that are not before "
          "this one. Exit status: 0 judged, 1 there was no document, 2 error.",
      .parameters = {{.name = "query",
                      .help = "what the documents should answer",
                      .positional = true,
                      .required = true,
                      .value_name = "QUERY"},
                     {.name = "files",
                      .type = ParameterType::kFlag,
                      .help = "standard input names files",
                      .local = true},
                     {.name = "limit",
                      .type = ParameterType::kInteger,
                      .help = "documents to print; default: all",
                      .short_name = 'k',
                      .value_name = "N",
                      .least = 1,
                      .most = 100000},
                     kRerankModel,
                     kModels,
                     kPrecision,
                     kThreads,
                     kJson,
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
                     kContent,
                     kRerank,
                     kRerankModel,
                     kRerankTask,
                     kRerankDepth,
                     kRerankWeight,
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
                     kYes,
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

}  // namespace coderank::ops
