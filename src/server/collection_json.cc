// Reports on collections as JSON.
#include <cmath>

#include "server/report_json.h"

namespace coderank::server {
namespace {

double Rounded(double value) { return std::round(value * 1e6) / 1e6; }

}  // namespace

Json ToJson(const CollectionSummary& collection) {
  Json vectors = Json::array();
  for (const CollectionVector& vector : collection.vectors) {
    vectors.push_back(
        {{"name", vector.name}, {"size", vector.size}, {"distance", vector.distance}});
  }
  Json json = {{"name", collection.name},
               {"aliases", collection.aliases},
               {"status", collection.status},
               {"points", collection.points},
               {"indexed_vectors", collection.indexed_vectors},
               {"vectors", std::move(vectors)},
               {"sparse_vectors", collection.sparse_vectors},
               {"quantization", collection.quantization}};
  if (collection.model.empty()) return json;
  json["model"] = collection.model;
  json["fingerprint"] = collection.fingerprint;
  json["source"] = collection.source;
  json["state"] = collection.state;
  return json;
}

Json ToJson(const CollectionList& list) {
  Json collections = Json::array();
  for (const CollectionSummary& collection : list.collections) {
    collections.push_back(ToJson(collection));
  }
  return {{"url", list.url}, {"version", list.version}, {"collections", std::move(collections)}};
}

Json ToJson(const CollectionDetails& details) {
  Json texts = Json::array();
  for (const PayloadText& text : details.texts) {
    texts.push_back({{"key", text.key},
                     {"share", Rounded(text.share)},
                     {"mean_bytes", std::llround(text.mean_bytes)}});
  }
  Json json = ToJson(details.summary);
  json["payload_indexes"] = details.payload_indexes;
  json["models"] = details.models;
  json["sampled"] = details.sampled;
  json["texts"] = std::move(texts);
  return json;
}

Json ToJson(const CollectionVerification& report) {
  return {{"collection", ToJson(report.summary)},
          {"ok", report.faults.empty()},
          {"faults", report.faults},
          {"model", report.model},
          {"text_key", report.text_key},
          {"counted", report.counted},
          {"sampled", report.sampled},
          {"least_cosine", Rounded(report.least_cosine)}};
}

Json ToJson(const MigrationReport& report) {
  Json json = {{"source", report.source},      {"target", report.target},
               {"model", report.model},        {"text_key", report.text_key},
               {"dry_run", report.dry_run},    {"points", report.points},
               {"truncated", report.truncated}};
  if (report.dry_run || report.estimated_seconds > 0) {
    json["estimated_seconds"] = Rounded(report.estimated_seconds);
  }
  if (report.estimated_tokens > 0) json["estimated_tokens"] = report.estimated_tokens;
  if (report.estimated_usd > 0) json["estimated_usd"] = Rounded(report.estimated_usd);
  if (report.dry_run) return json;
  json["without_text"] = report.without_text;
  json["parts"] = report.parts;
  json["written"] = report.written;
  json["removed"] = report.removed;
  json["embedded"] = report.embedded;
  json["from_cache"] = report.from_cache;
  json["passes"] = report.passes;
  json["verified"] = report.verified;
  json["least_cosine"] = Rounded(report.least_cosine);
  json["took_name"] = report.took_name;
  if (!report.snapshot.empty()) json["snapshot"] = report.snapshot.native();
  json["gap_seconds"] = Rounded(report.gap_seconds);
  json["seconds"] = Rounded(report.seconds);
  return json;
}

Json ToJson(const RollbackReport& report) {
  return {{"name", report.name},
          {"from", report.from},
          {"to", report.to},
          {"points", report.points},
          {"gap_seconds", Rounded(report.gap_seconds)}};
}

Json ToJson(const CollectionExportReport& report) {
  return {{"file", report.file.native()},
          {"model", report.model},
          {"text_key", report.text_key},
          {"points", report.points},
          {"texts", report.texts}};
}

Json ToJson(const IndexPushReport& report) {
  return {{"root", report.root.native()}, {"collection", report.collection},
          {"model", report.model},        {"points", report.points},
          {"pending", report.pending},    {"written", report.written},
          {"removed", report.removed}};
}

Json ToJson(const CollectionSearchReport& report, const std::string& query) {
  Json results = Json::array();
  for (const CollectionHit& hit : report.hits) {
    Json json = {{"collection", hit.collection},
                 {"id", hit.id},
                 {"score", Rounded(hit.score)},
                 {"text", hit.text}};
    if (hit.text_cut) json["text_cut"] = true;
    if (hit.rerank_score) json["rerank_score"] = *hit.rerank_score;
    if (!hit.place.empty()) json["place"] = hit.place;
    if (hit.start_line > 0) json["start_line"] = hit.start_line;
    if (hit.end_line > 0) json["end_line"] = hit.end_line;
    json["payload"] = Json::parse(hit.payload, nullptr, /*allow_exceptions=*/false);
    results.push_back(std::move(json));
  }
  Json collections = Json::array();
  for (const SearchedCollection& collection : report.collections) {
    collections.push_back({{"name", collection.name},
                           {"model", collection.model},
                           {"text_key", collection.text_key},
                           {"hits", collection.hits},
                           {"query_ms", Rounded(collection.query_ms)},
                           {"server_ms", Rounded(collection.server_ms)}});
  }
  const CollectionSearchTimings& timings = report.timings;
  return {{"query", query},
          {"results", std::move(results)},
          {"collections", std::move(collections)},
          {"merged_by", report.by_rank ? "rank" : "score"},
          {"timings_ms",
           {{"look_up", Rounded(timings.look_up)},
            {"load_model", Rounded(timings.load_model)},
            {"embed", Rounded(timings.embed)},
            {"query", Rounded(timings.query)},
            {"rerank", Rounded(timings.rerank)},
            {"total", Rounded(timings.total)}}}};
}

}  // namespace coderank::server
