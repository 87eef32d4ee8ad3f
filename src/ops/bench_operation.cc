// Measuring this installation on this machine. Names and meanings are a contract for scripts: add,
// do not change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {

Operation BenchPipeline() {
  return {
      .name = "bench pipeline",
      .summary = "Measure the stages of a search: embed, search, rerank",
      .details =
          "bench pipeline QUERIES [DIR]: QUERIES is a file with a query a line; DIR is indexed "
          "already. Every query is asked once to warm up and then --rounds times, in this process, "
          "and the times of each stage are printed as p50 and p95, beside the time that --against, "
          "an embedder of another approach, takes for a query alone. Exit status: 0 measured, 1 "
          "there was no query, 2 error.",
      .parameters = {{.name = "queries",
                      .type = ParameterType::kPath,
                      .help = "file of queries, one a line",
                      .positional = true,
                      .required = true,
                      .local = true,
                      .value_name = "QUERIES"},
                     kDirectory,
                     {.name = "rounds",
                      .type = ParameterType::kInteger,
                      .help = "times that each query is measured",
                      .value_name = "N",
                      .default_value = "3",
                      .least = 1,
                      .most = 1000},
                     {.name = "goal",
                      .help = "time that a query may take, as in 800ms or 1.5s",
                      .value_name = "TIME",
                      .default_value = "1s",
                      .form = TextForm::kDuration,
                      .pattern = kDurationPattern},
                     {.name = "against",
                      .help = "embedder whose time for a query is set beside",
                      .value_name = "NAME"},
                     {.name = "out",
                      .type = ParameterType::kPath,
                      .help = "write all figures as JSON",
                      .local = true,
                      .value_name = "FILE"},
                     {.name = "svg",
                      .type = ParameterType::kPath,
                      .help = "write a picture of the stages",
                      .local = true,
                      .value_name = "FILE"},
                     kMode,
                     kRerank,
                     kRerankModel,
                     kRerankTask,
                     kRerankDepth,
                     kRerankWeight,
                     kBudget,
                     kModel,
                     kModels,
                     kIndex,
                     kPrecision,
                     kThreads,
                     kTrustIndex,
                     kJson,
                     kQuiet},
  };
}

}  // namespace coderank::ops
