// Runs the engine over a data set and scores what it finds.
#pragma once

#include <filesystem>
#include <string>

#include "coderank/engine.h"
#include "coderank/result.h"
#include "evaluation/dataset.h"
#include "evaluation/run.h"

namespace coderank::evaluation {

struct EvaluateOptions {
  // How engines are opened; its index folder is not used. Notes on the way go to its log.
  EngineOptions engine;
  // How searches are made: query, directory and offset are the data set's, and `limit` is also the
  // cut-off of the measures.
  SearchRequest search;
  // Indexes, and documents as files, are kept here for the next run; empty: in a temporary folder
  // that is removed at the end. Source trees are read where they lie.
  std::filesystem::path work_folder;
};

// A document counts by its best chunk: as many chunks are asked for as it takes to have `limit`
// different documents.
Result<EvaluationRun> Evaluate(const Dataset& dataset, const EvaluateOptions& options,
                               const ProgressSink& progress = {},
                               const CancellationToken* cancel = nullptr);

// Scores a TREC run of any program instead; queries that are not in it have found nothing.
Result<EvaluationRun> EvaluateTrecRun(const Dataset& dataset, const std::filesystem::path& file,
                                      uint32_t cutoff);

}  // namespace coderank::evaluation
