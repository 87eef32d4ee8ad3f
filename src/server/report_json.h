// Reports as JSON. Field names are a contract for scripts: add, do not change.
#pragma once

#include <nlohmann/json.hpp>

#include "coderank/indexing.h"
#include "coderank/models.h"
#include "coderank/search.h"

namespace coderank::server {

using Json = nlohmann::ordered_json;

Json ToJson(const Coverage& coverage);
Json ToJson(const SearchResult& result);
// What an answer rests on, without its results.
Json AboutAnswer(const SearchReport& report);
// `question`: an object of what was asked, {"query": ...} or {"place": ...}; it comes first.
Json ToJson(const SearchReport& report, const Json& question);
Json ToJson(const IndexReport& report);
Json ToJson(const StatusReport& report);
Json ToJson(const CacheReport& report);
Json ToJson(const ModelSummary& model);
Json ToJson(const DoctorReport& report);

}  // namespace coderank::server
