// Operations that answer queries, and the measuring of their answers. Names and meanings are a
// contract for scripts: add, do not change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {

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
                      .short_name = 'l',
                      .local = true},
                     {.name = "wait",
                      .type = ParameterType::kFlag,
                      .help = "a tree indexed by this search: wait until all of it has vectors",
                      .local = true},
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

}  // namespace coderank::ops
