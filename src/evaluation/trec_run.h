// TREC run files, the format in which retrieval systems exchange their results:
//
//   query-id Q0 document-id rank score tag
//
// Fields are separated by blanks, so ids are written with everything that is not printable ASCII,
// and '%', as %XX. A chunk's document id is path:first-last. Scorers sort by score and not by
// rank, so the score written falls by 1 from result to result: ours may be equal, and would then be
// put into another order.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "evaluation/run.h"

namespace coderank::evaluation {

std::string TrecId(std::string_view id);
// The reverse; what is no escape stays as it is.
std::string FromTrecId(std::string_view id);

Status WriteTrecRun(const EvaluationRun& run, std::string_view tag,
                    const std::filesystem::path& file);

// Results by query id, ordered as trec_eval does: by falling score, ties by falling document id.
using ResultsByQuery = std::map<std::string, std::vector<RankedResult>, std::less<>>;
// Errors name file and line.
Result<ResultsByQuery> ReadTrecRun(const std::filesystem::path& file, Layout layout);

}  // namespace coderank::evaluation
