// Which points of a migration were cut by the model's length limit: a file beside the journal of a
// run, written before the points are, so that a killed run has counted all that it wrote.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include "coderank/result.h"
#include "qdrant/point.h"

namespace coderank {

// Not thread-safe.
class TruncationLog {
 public:
  // Reads what earlier runs have written. A line that is none is left out: it was cut by a kill,
  // and its points were not written.
  static Result<TruncationLog> Open(std::filesystem::path file);

  // What is known of these points from now on.
  Status Note(std::span<const qdrant::PointId> whole, std::span<const qdrant::PointId> cut);
  // Begins anew: no point is written.
  Status Clear();

  size_t size() const { return cut_.size(); }

 private:
  explicit TruncationLog(std::filesystem::path file) : file_(std::move(file)) {}

  std::filesystem::path file_;  // lines of '+' or '-' and an id, the last of an id counts
  std::set<std::string> cut_;
};

}  // namespace coderank
