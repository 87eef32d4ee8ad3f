#include "server/rest/openapi.h"

#include <string>
#include <string_view>

#include "coderank/version.h"
#include "ops/requests.h"
#include "server/json_arguments.h"
#include "server/rest/embeddings_route.h"
#include "server/rest/rerank_route.h"
#include "server/rest/search_arguments.h"

namespace coderank::server::rest {
namespace {

Json Text() { return {{"type", "string"}}; }
Json Whole() { return {{"type", "integer"}}; }
Json Number() { return {{"type", "number"}}; }
Json Truth() { return {{"type", "boolean"}}; }

// Of an answer: these fields are always there, and others may be.
Json Object(const Json& properties) {
  Json required = Json::array();
  for (const auto& [name, schema] : properties.items()) required.push_back(name);
  return {{"type", "object"}, {"properties", properties}, {"required", std::move(required)}};
}

Json ArrayOf(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

Json CoverageSchema() {
  return Object({{"files", Whole()},
                 {"skipped_files", Whole()},
                 {"chunks", Whole()},
                 {"embedded_chunks", Whole()},
                 {"complete", Truth()}});
}

Json SearchReportSchema() {
  return Object({{"query", Text()},
                 {"results", ArrayOf(Object({{"path", Text()},
                                             {"start_line", Whole()},
                                             {"end_line", Whole()},
                                             {"score", Number()},
                                             {"snippet", Text()}}))},
                 {"coverage", CoverageSchema()},
                 {"freshness", {{"type", "object"}}},
                 {"timings_ms", {{"type", "object"}}},
                 {"mode", Text()},
                 {"model", Text()},
                 {"root", Text()}});
}

Json StatusReportSchema() {
  const Json skipped = ArrayOf(Object({{"path", Text()}, {"reason", Text()}}));
  return Object({{"root", Text()},
                 {"index", Text()},
                 {"model", Text()},
                 {"fingerprint", Text()},
                 {"indexed_at", Text()},
                 {"index_bytes", Whole()},
                 {"cut_chunks", Whole()},
                 {"truncated_chunks", Whole()},
                 {"coverage", CoverageSchema()},
                 {"skipped", skipped},
                 {"without_syntax", skipped}});
}

Json CollectionReportSchema() {
  return Object({{"query", Text()},
                 {"results", ArrayOf(Object({{"collection", Text()},
                                             {"id", Text()},
                                             {"score", Number()},
                                             {"text", Text()},
                                             {"payload", {{"type", "object"}}}}))},
                 {"collections", ArrayOf(Object({{"name", Text()},
                                                 {"model", Text()},
                                                 {"text_key", Text()},
                                                 {"hits", Whole()},
                                                 {"query_ms", Number()},
                                                 {"server_ms", Number()}}))},
                 {"merged_by", {{"enum", {"score", "rank"}}}},
                 {"timings_ms", {{"type", "object"}}}});
}

Json Answer(std::string_view description, std::string_view type, Json schema) {
  return {{"description", description},
          {"content", {{std::string(type), {{"schema", std::move(schema)}}}}}};
}

Json Answers(Json good) {
  return {{"200", std::move(good)}, {"default", {{"$ref", "#/components/responses/Error"}}}};
}

Json JsonAnswers(std::string_view description, Json schema) {
  return Answers(Answer(description, "application/json", std::move(schema)));
}

Json JsonRequest(Json schema) {
  return {{"required", true}, {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

// A text may be anything but NUL, and what is asked for holds more than blanks.
Json WithPattern(Json schema, const ops::Parameter& parameter) {
  Json& text = schema.contains("items") ? schema["items"] : schema;
  if (text["type"] != "string" || text.contains("enum")) return schema;
  text["pattern"] = parameter.required ? "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" : "^[^\\u0000]*$";
  if (!parameter.pattern.empty()) text["pattern"] = parameter.pattern;
  return schema;
}

// As ArgumentsFromJson takes it: null leaves an argument out, and a list of one needs no brackets.
Json BodySchema(const ops::Operation& operation) {
  Json schema = ArgumentsSchema(operation);
  for (const ops::Parameter& parameter : operation.parameters) {
    Json& property = schema["properties"][JsonName(parameter.name)];
    property = WithPattern(std::move(property), parameter);
    if (parameter.required) continue;
    Json forms = Json::array({property, {{"type", "null"}}});
    if (parameter.repeated) forms.push_back(property["items"]);
    property = {{"description", parameter.help}, {"anyOf", std::move(forms)}};
  }
  return schema;
}

// The arguments of an operation as parameters of a URL.
Json QueryParameters(const ops::Operation& operation) {
  Json parameters = Json::array();
  const Json schema = ArgumentsSchema(operation);
  for (const ops::Parameter& parameter : operation.parameters) {
    const bool is_query = parameter.name == "query";
    Json described = {
        {"name", is_query ? "q" : JsonName(parameter.name)},
        {"in", "query"},
        {"required", parameter.required},
        {"schema", WithPattern(schema["properties"][JsonName(parameter.name)], parameter)}};
    if (parameter.repeated) described["explode"] = true;
    parameters.push_back(std::move(described));
  }
  return parameters;
}

Json ByQuery(const ops::Operation& operation, Json schema) {
  return {{"summary", operation.summary},
          {"parameters", QueryParameters(operation)},
          {"responses", JsonAnswers("The answer", std::move(schema))}};
}

Json ByBody(const ops::Operation& operation, Json schema) {
  return {{"summary", operation.summary},
          {"requestBody", JsonRequest(BodySchema(operation))},
          {"responses", JsonAnswers("The answer", std::move(schema))}};
}

Json Health() {
  const Json schema = {{"type", "object"},
                       {"properties",
                        {{"status", {{"type", "string"}, {"enum", {"ok", "loading"}}}},
                         {"version", Text()},
                         {"activity", Text()},
                         {"error", Text()}}},
                       {"required", {"status", "version"}}};
  Json responses = JsonAnswers("Ready", schema);
  responses["503"] = Answer("Models are being loaded or indexes begun", "application/json", schema);
  return {{"summary", "Say whether the server is ready"},
          {"security", Json::array()},
          {"responses", std::move(responses)}};
}

Json Embeddings() {
  return {{"summary", "Turn texts into vectors, in OpenAI's shape"},
          {"requestBody", JsonRequest(EmbeddingsRequestSchema())},
          {"responses", JsonAnswers("A vector for each text", EmbeddingsResponseSchema())}};
}

Json Rerank(RerankShape shape) {
  return {{"summary", "Judge how well documents answer a query, in Cohere's and Jina's shapes"},
          {"requestBody", JsonRequest(RerankRequestSchema(shape))},
          {"responses", JsonAnswers("The documents, best first", RerankResponseSchema())}};
}

Json Plain(std::string_view summary, std::string_view type, Json schema) {
  return {{"summary", summary}, {"responses", Answers(Answer(summary, type, std::move(schema)))}};
}

Json Components() {
  const Json error = Object({{"error", Object({{"code", Text()}, {"message", Text()}})}});
  return {{"responses", {{"Error", Answer("What was wrong", "application/json", error)}}},
          {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}};
}

}  // namespace

Json OpenApi() {
  const Json paths = {
      {"/health", {{"get", Health()}}},
      {"/search",
       {{"get", ByQuery(SearchOperation(), SearchReportSchema())},
        {"post", ByBody(SearchOperation(), SearchReportSchema())}}},
      {"/related", {{"post", ByBody(RelatedOperation(), SearchReportSchema())}}},
      {"/collections/search",
       {{"post", ByBody(ops::CollectionSearchOperation(), CollectionReportSchema())}}},
      {"/status", {{"get", ByQuery(IndexStatusOperation(), StatusReportSchema())}}},
      {"/v1/embeddings", {{"post", Embeddings()}}},
      {"/v1/rerank", {{"post", Rerank(RerankShape::kV1)}}},
      {"/v2/rerank", {{"post", Rerank(RerankShape::kV2)}}},
      {"/metrics", {{"get", Plain("Counters and times for Prometheus", "text/plain", Text())}}},
      {"/openapi.json",
       {{"get", Plain("This description", "application/json", {{"type", "object"}})}}}};
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "coderank"},
            {"version", Version()},
            {"description", "Code search on this machine. Fields are added, never changed."}}},
          {"security", Json::array({{{"token", Json::array()}}})},
          {"paths", paths},
          {"components", Components()}};
}

}  // namespace coderank::server::rest
