// What `bench pipeline` makes of the times that it measured: percentiles, a table, JSON, a picture.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "print_json.h"

namespace coderank::cli {

struct Stage {
  std::string name;
  std::vector<double> milliseconds;  // of each measured query
};

struct PipelineFigures {
  std::vector<Stage> stages;  // in their order
  Stage total;
  double goal_ms = 0;
  size_t queries = 0;
  size_t rounds = 0;
  // The time of a query's embedding by the model `against`; empty without one.
  std::string against;
  Stage previous;
};

// The least value that at least `percent` of the values do not exceed. 0 of none.
double Percentile(std::vector<double> values, double percent);

std::string PipelineTable(const PipelineFigures& figures);
Json PipelineJson(const PipelineFigures& figures);
// Bars of the stages' p50, one after the other, with the goal and what is compared.
std::string PipelineSvg(const PipelineFigures& figures);

}  // namespace coderank::cli
