// Reports as JSON. Field names are a contract for scripts: add, do not change.
#pragma once

#include <nlohmann/json.hpp>

#include "coderank/collections.h"
#include "coderank/indexing.h"
#include "coderank/models.h"
#include "coderank/search.h"
#include "coderank/snapshots.h"

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
Json ToJson(const SnapshotSummary& snapshot);
Json ToJson(const CollectionSummary& collection);
Json ToJson(const CollectionList& list);
Json ToJson(const CollectionDetails& details);
Json ToJson(const CollectionVerification& report);
Json ToJson(const MigrationReport& report);
Json ToJson(const RollbackReport& report);
Json ToJson(const CollectionExportReport& report);
Json ToJson(const IndexPushReport& report);
Json ToJson(const CollectionSearchReport& report, const std::string& query);
Json ToJson(const ModelSummary& model);
Json ToJson(const DoctorReport& report);

}  // namespace coderank::server
