// A run as JSON: what `--out` writes, `--json` prints and `eval compare` reads.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "coderank/result.h"
#include "evaluation/run.h"

namespace coderank::evaluation {

// Field names are a contract for scripts: add, do not change. `queries`: with every query and its
// results; without it the figures only.
nlohmann::ordered_json ToJson(const EvaluationRun& run, bool queries);

// `queries` must have been written. kCorrupt names the file and what is wrong.
Result<EvaluationRun> ReadRun(const std::filesystem::path& file);
Status WriteRun(const EvaluationRun& run, const std::filesystem::path& file);

}  // namespace coderank::evaluation
