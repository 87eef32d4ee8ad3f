#include "server/mcp/output_schemas.h"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace coderank::server::mcp {
namespace {

struct Field {
  std::string_view name;
  Json schema;
  bool always = true;
};

Json Typed(std::string_view type) { return {{"type", type}}; }
Json Text() { return Typed("string"); }
Json Number() { return Typed("number"); }
Json Flag() { return Typed("boolean"); }
Json Count() { return {{"type", "integer"}, {"minimum", 0}}; }
Json ListOf(Json element) { return {{"type", "array"}, {"items", std::move(element)}}; }

// Fields may be added to reports, so others are allowed.
Json Object(std::initializer_list<Field> fields) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Field& field : fields) {
    properties[std::string(field.name)] = field.schema;
    if (field.always) required.push_back(field.name);
  }
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json CoverageSchema() {
  return Object({{.name = "files", .schema = Count()},
                 {.name = "skipped_files", .schema = Count()},
                 {.name = "chunks", .schema = Count()},
                 {.name = "embedded_chunks", .schema = Count()},
                 {.name = "complete", .schema = Flag()}});
}

Json FreshnessSchema() {
  return Object({{.name = "known", .schema = Flag()},
                 {.name = "new_files", .schema = Count()},
                 {.name = "changed_files", .schema = Count()},
                 {.name = "removed_files", .schema = Count()},
                 {.name = "refreshed", .schema = Flag()}});
}

Json TimingsSchema() {
  return Object({{.name = "index", .schema = Number()},
                 {.name = "load_model", .schema = Number()},
                 {.name = "embed", .schema = Number()},
                 {.name = "search", .schema = Number()},
                 {.name = "rerank", .schema = Number()},
                 {.name = "total", .schema = Number()}});
}

Json TermSchema() {
  return Object({{.name = "name", .schema = Text()},
                 {.name = "value", .schema = Number()},
                 {.name = "is_factor", .schema = Flag(), .always = false}});
}

Json ResultSchema() {
  return Object({{.name = "path", .schema = Text()},
                 {.name = "start_line", .schema = Count()},
                 {.name = "end_line", .schema = Count()},
                 {.name = "score", .schema = Number()},
                 {.name = "language", .schema = Text(), .always = false},
                 {.name = "symbol", .schema = Text(), .always = false},
                 {.name = "kind", .schema = Text(), .always = false},
                 {.name = "scope", .schema = Text(), .always = false},
                 {.name = "qualified_name", .schema = Text(), .always = false},
                 {.name = "rerank_score", .schema = Number(), .always = false},
                 {.name = "terms", .schema = ListOf(TermSchema()), .always = false},
                 {.name = "before", .schema = Text(), .always = false},
                 {.name = "snippet", .schema = Text()},
                 {.name = "snippet_cut", .schema = Flag(), .always = false},
                 {.name = "after", .schema = Text(), .always = false}});
}

Json RerankSchema() {
  return Object({{.name = "model", .schema = Text()},
                 {.name = "weight", .schema = Count()},
                 {.name = "candidates", .schema = Count()},
                 {.name = "judged", .schema = Count()},
                 {.name = "truncated", .schema = Count()},
                 {.name = "shortened", .schema = Flag()},
                 {.name = "taken_ms", .schema = Number()},
                 {.name = "windows", .schema = Count(), .always = false},
                 {.name = "tokens", .schema = Count(), .always = false},
                 {.name = "predicted_ms", .schema = Number(), .always = false},
                 {.name = "budget_ms", .schema = Number(), .always = false}});
}

Json TreeSchema() {
  return Object({{.name = "root", .schema = Text()},
                 {.name = "coverage", .schema = CoverageSchema()},
                 {.name = "freshness", .schema = FreshnessSchema()}});
}

// `question`: the field that repeats what was asked.
Json AnswerSchema(std::string_view question) {
  return Object({{.name = question, .schema = Text()},
                 {.name = "results", .schema = ListOf(ResultSchema())},
                 {.name = "coverage", .schema = CoverageSchema()},
                 {.name = "freshness", .schema = FreshnessSchema()},
                 {.name = "timings_ms", .schema = TimingsSchema()},
                 {.name = "mode", .schema = Text()},
                 {.name = "model", .schema = Text()},
                 {.name = "root", .schema = Text()},
                 {.name = "rerank", .schema = RerankSchema(), .always = false},
                 {.name = "notes", .schema = ListOf(Text()), .always = false},
                 {.name = "nothing_found", .schema = Text(), .always = false},
                 {.name = "trees", .schema = ListOf(TreeSchema()), .always = false}});
}

Json SkippedSchema() {
  return Object({{.name = "path", .schema = Text()},
                 {.name = "reason", .schema = Text()},
                 {.name = "detail", .schema = Text(), .always = false}});
}

Json WhySchema() {
  return Object({{.name = "path", .schema = Text()},
                 {.name = "indexed", .schema = Flag()},
                 {.name = "would_be", .schema = Flag()},
                 {.name = "skipped", .schema = SkippedSchema(), .always = false}});
}

}  // namespace

Json SearchSchema() { return AnswerSchema("query"); }

Json RelatedSchema() { return AnswerSchema("place"); }

Json StatusSchema() {
  return Object({{.name = "root", .schema = Text()},
                 {.name = "index", .schema = Text()},
                 {.name = "model", .schema = Text()},
                 {.name = "fingerprint", .schema = Text()},
                 {.name = "indexed_at", .schema = Text()},
                 {.name = "index_bytes", .schema = Count()},
                 {.name = "cut_chunks", .schema = Count()},
                 {.name = "truncated_chunks", .schema = Count()},
                 {.name = "coverage", .schema = CoverageSchema()},
                 {.name = "skipped", .schema = ListOf(SkippedSchema())},
                 {.name = "without_syntax", .schema = ListOf(SkippedSchema())},
                 {.name = "why", .schema = WhySchema(), .always = false},
                 {.name = "ready", .schema = Flag()}});
}

Json RefreshSchema() {
  return Object({{.name = "root", .schema = Text()},
                 {.name = "index", .schema = Text()},
                 {.name = "model", .schema = Text()},
                 {.name = "files_added", .schema = Count()},
                 {.name = "files_changed", .schema = Count()},
                 {.name = "files_removed", .schema = Count()},
                 {.name = "files_unchanged", .schema = Count()},
                 {.name = "chunks_embedded", .schema = Count()},
                 {.name = "chunks_from_cache", .schema = Count()},
                 {.name = "tokens_embedded", .schema = Count()},
                 {.name = "seconds", .schema = Number()},
                 {.name = "seconds_left", .schema = Number()},
                 {.name = "coverage", .schema = CoverageSchema()},
                 {.name = "notes", .schema = ListOf(Text()), .always = false}});
}

Json CollectionSearchSchema() {
  const Json result = Object({{.name = "collection", .schema = Text()},
                              {.name = "id", .schema = Text()},
                              {.name = "score", .schema = Number()},
                              {.name = "text", .schema = Text()},
                              {.name = "text_cut", .schema = Flag(), .always = false},
                              {.name = "rerank_score", .schema = Number(), .always = false},
                              {.name = "place", .schema = Text(), .always = false},
                              {.name = "start_line", .schema = Count(), .always = false},
                              {.name = "end_line", .schema = Count(), .always = false}});
  const Json collection = Object({{.name = "name", .schema = Text()},
                                  {.name = "model", .schema = Text()},
                                  {.name = "text_key", .schema = Text()},
                                  {.name = "hits", .schema = Count()},
                                  {.name = "query_ms", .schema = Number()},
                                  {.name = "server_ms", .schema = Number()}});
  const Json timings = Object({{.name = "look_up", .schema = Number()},
                               {.name = "load_model", .schema = Number()},
                               {.name = "embed", .schema = Number()},
                               {.name = "query", .schema = Number()},
                               {.name = "rerank", .schema = Number()},
                               {.name = "total", .schema = Number()}});
  return Object({{.name = "query", .schema = Text()},
                 {.name = "results", .schema = ListOf(result)},
                 {.name = "collections", .schema = ListOf(collection)},
                 {.name = "merged_by", .schema = Text()},
                 {.name = "timings_ms", .schema = timings}});
}

}  // namespace coderank::server::mcp
