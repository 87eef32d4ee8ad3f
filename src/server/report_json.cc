#include "server/report_json.h"

#include <cmath>
#include <string>
#include <utility>

#include "ops/qualified_name.h"
#include "ops/requests.h"

namespace coderank::server {
namespace {

// Microseconds are the clock's worth; more digits are noise.
double Milliseconds(double value) { return std::round(value * 1000) / 1000; }

// Beyond six decimals a score is rounding of the arithmetic that gave it.
double Score(double value) { return std::round(value * 1e6) / 1e6; }

Json ToJson(const SkippedFile& file) {
  Json json = {{"path", file.path}, {"reason", file.reason}};
  if (!file.detail.empty()) json["detail"] = file.detail;
  return json;
}

Json ToJson(const Freshness& freshness) {
  return {{"known", freshness.known},
          {"new_files", freshness.new_files},
          {"changed_files", freshness.changed_files},
          {"removed_files", freshness.removed_files},
          {"refreshed", freshness.refreshed}};
}

Json ToJson(const RerankReport& report) {
  Json json = {{"model", report.model},
               {"weight", report.weight},
               {"candidates", report.candidates},
               {"judged", report.judged},
               {"truncated", report.truncated},
               {"shortened", report.shortened()},
               {"taken_ms", Milliseconds(report.taken_ms)}};
  if (report.windows > 0) json["windows"] = report.windows;
  if (report.tokens > 0) json["tokens"] = report.tokens;
  if (report.predicted_ms) json["predicted_ms"] = Milliseconds(*report.predicted_ms);
  if (report.budget_ms) json["budget_ms"] = Milliseconds(*report.budget_ms);
  return json;
}

Json ToJson(const std::vector<ScoreTerm>& terms) {
  Json list = Json::array();
  for (const ScoreTerm& term : terms) {
    Json json = {{"name", term.name}, {"value", Score(term.value)}};
    if (term.is_factor) json["is_factor"] = true;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

Json ToJson(const Coverage& coverage) {
  return {{"files", coverage.files},
          {"skipped_files", coverage.skipped_files},
          {"chunks", coverage.chunks},
          {"embedded_chunks", coverage.embedded_chunks},
          {"complete", coverage.complete}};
}

Json ToJson(const SearchResult& result) {
  Json json = {{"path", result.path},
               {"start_line", result.start_line},
               {"end_line", result.end_line},
               {"score", Score(result.score)}};
  if (!result.language.empty()) json["language"] = result.language;
  if (!result.symbol.empty()) json["symbol"] = result.symbol;
  if (!result.kind.empty()) json["kind"] = result.kind;
  if (!result.scope.empty()) json["scope"] = result.scope;
  if (std::string name = ops::QualifiedName(result); !name.empty()) {
    json["qualified_name"] = std::move(name);
  }
  if (result.rerank_score) json["rerank_score"] = Score(*result.rerank_score);
  if (!result.terms.empty()) json["terms"] = ToJson(result.terms);
  if (!result.before.empty()) json["before"] = result.before;
  json["snippet"] = result.snippet;
  if (result.snippet_cut) json["snippet_cut"] = true;
  if (!result.after.empty()) json["after"] = result.after;
  return json;
}

Json AboutAnswer(const SearchReport& report) {
  const SearchTimings& t = report.timings;
  Json json = {{"coverage", ToJson(report.coverage)},
               {"freshness", ToJson(report.freshness)},
               {"timings_ms",
                {{"index", Milliseconds(t.index)},
                 {"load_model", Milliseconds(t.load_model)},
                 {"embed", Milliseconds(t.embed)},
                 {"search", Milliseconds(t.search)},
                 {"rerank", Milliseconds(t.rerank)},
                 {"total", Milliseconds(t.total)}}},
               {"mode", ops::NameOf(report.mode)},
               {"model", report.model},
               {"root", report.root.native()}};
  if (!report.trees.empty() && !report.trees.front().exported_at.empty()) {
    json["exported_at"] = report.trees.front().exported_at;
  }
  if (report.rerank) json["rerank"] = ToJson(*report.rerank);
  if (!report.notes.empty()) json["notes"] = report.notes;
  if (!report.nothing_found.empty()) json["nothing_found"] = report.nothing_found;
  if (report.trees.size() > 1) {
    for (const SearchedTree& tree : report.trees) {
      json["trees"].push_back({{"root", tree.root.native()},
                               {"coverage", ToJson(tree.coverage)},
                               {"freshness", ToJson(tree.freshness)}});
    }
  }
  return json;
}

Json ToJson(const SearchReport& report, const Json& question) {
  Json json = question;
  json["results"] = Json::array();
  for (const SearchResult& result : report.results) json["results"].push_back(ToJson(result));
  json.update(AboutAnswer(report));
  return json;
}

namespace {

Json ToJson(const IndexCollection& collection) {
  return {{"url", collection.url}, {"name", collection.name}};
}

}  // namespace

Json ToJson(const IndexReport& report) {
  Json json = {{"root", report.root.native()},
               {"index", report.index_folder.native()},
               {"model", report.model},
               {"files_added", report.files_added},
               {"files_changed", report.files_changed},
               {"files_removed", report.files_removed},
               {"files_unchanged", report.files_unchanged},
               {"chunks_embedded", report.chunks_embedded},
               {"chunks_from_cache", report.chunks_from_cache},
               {"tokens_embedded", report.tokens_embedded},
               {"seconds", Milliseconds(report.seconds)},
               {"seconds_left", Milliseconds(report.seconds_left)},
               {"coverage", ToJson(report.coverage)}};
  if (report.collection) {
    json["collection"] = ToJson(*report.collection);
    json["collection"]["points"] = report.collection->points;
    json["collection"]["written"] = report.collection->written;
    json["collection"]["removed"] = report.collection->removed;
  }
  if (report.collection_behind) json["collection_behind"] = true;
  if (!report.notes.empty()) json["notes"] = report.notes;
  return json;
}

Json ToJson(const StatusReport& report) {
  Json json = {{"root", report.root.native()},
               {"index", report.index_folder.native()},
               {"model", report.model},
               {"fingerprint", report.model_fingerprint},
               {"indexed_at", report.indexed_at},
               {"index_bytes", report.index_bytes},
               {"cut_chunks", report.cut_chunks},
               {"truncated_chunks", report.truncated_chunks},
               {"coverage", ToJson(report.coverage)},
               {"skipped", Json::array()}};
  if (report.collection) json["collection"] = ToJson(*report.collection);
  for (const SkippedFile& file : report.skipped) json["skipped"].push_back(ToJson(file));
  json["without_syntax"] = Json::array();
  for (const SkippedFile& file : report.without_syntax) {
    json["without_syntax"].push_back(ToJson(file));
  }
  if (report.explanation) {
    const PathExplanation& why = *report.explanation;
    json["why"] = {{"path", why.path}, {"indexed", why.indexed}, {"would_be", why.would_be}};
    if (!why.would_be) json["why"]["skipped"] = ToJson(why.skipped);
  }
  return json;
}

Json ToJson(const CacheReport& report) {
  return {{"folder", report.folder.native()}, {"vectors", report.vectors},
          {"models", report.models},          {"bytes", report.bytes},
          {"max_bytes", report.max_bytes},    {"bytes_freed", report.bytes_freed}};
}

Json ToJson(const SnapshotSummary& snapshot) {
  return {{"file", snapshot.file.native()},    {"name", snapshot.name},
          {"model", snapshot.model},           {"fingerprint", snapshot.fingerprint},
          {"dimension", snapshot.dimension},   {"files", snapshot.files},
          {"chunks", snapshot.chunks},         {"embedded_chunks", snapshot.embedded_chunks},
          {"indexed_at", snapshot.indexed_at}, {"exported_at", snapshot.exported_at},
          {"made_by", snapshot.made_by},       {"sha256", snapshot.sha256},
          {"bytes", snapshot.file_bytes},      {"database_bytes", snapshot.database_bytes}};
}

Json ToJson(const ModelSummary& model) {
  Json json = {{"name", model.name},
               {"kind", model.kind},
               {"architecture", model.architecture},
               {"dimension", model.dimension},
               {"max_tokens", model.max_tokens}};
  if (!model.pooling.empty()) {
    json["pooling"] = model.pooling;
    json["normalize"] = model.normalize;
  }
  if (!model.url.empty()) {
    json["api"] = model.api;
    json["url"] = model.url;
    json["remote_model"] = model.remote_model;
    json["key_variable"] = model.key_variable;
    json["usd_per_million_tokens"] = model.usd_per_million_tokens;
  }
  if (model.kind == kEmbedderKind) {
    json["query_prompt"] = model.query_prompt;
    json["document_prompt"] = model.document_prompt;
  }
  json["fingerprint"] = model.fingerprint;
  json["bytes"] = model.bytes;
  json["folder"] = model.folder.native();
  if (!model.repository.empty()) {
    json["repository"] = model.repository;
    json["revision"] = model.revision;
    json["licence"] = model.licence;
  }
  return json;
}

Json ToJson(const DoctorReport& report) {
  Json json = {{"version", report.version}, {"cpu", report.cpu},
               {"kernels", report.kernels}, {"threads", report.threads},
               {"settings", Json::array()}, {"checks", Json::array()}};
  for (const EffectiveSetting& s : report.settings) {
    json["settings"].push_back({{"key", s.key}, {"value", s.value}, {"origin", s.origin}});
  }
  for (const DoctorCheck& c : report.checks) {
    json["checks"].push_back({{"name", c.name}, {"ok", c.ok}, {"detail", c.detail}});
  }
  return json;
}

}  // namespace coderank::server
