// Work on a list of documents, best first, that ends when its time is over: pieces are started only
// if the measured rate says that they will be done in time.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/function_ref.h"
#include "coderank/result.h"
#include "rerank/rate_meter.h"

namespace coderank {

struct BudgetedWork {
  std::span<const size_t> tokens;  // of each document
  size_t threads = 1;              // that share a piece
  std::optional<double> seconds;   // none: as long as it takes
};

struct WorkDone {
  size_t documents = 0;  // the first ones of the list
  // For the whole list, as known before most of it was done; nothing where no rate was known.
  std::optional<double> predicted_seconds;
};

// Calls work(begin, end) for pieces of the list, in order. `now` gives the seconds since the time
// began. While nothing has been measured the first piece is small. An error of `work` ends it.
Result<WorkDone> WorkWithin(const BudgetedWork& job, RateMeter& rate, FunctionRef<double()> now,
                            FunctionRef<Status(size_t begin, size_t end)> work);

}  // namespace coderank
