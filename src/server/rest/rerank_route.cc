#include "server/rest/rerank_route.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "ops/operation.h"
#include "ops/parameters.h"
#include "server/json_arguments.h"
#include "server/rest/answers.h"

namespace coderank::server::rest {
namespace {

// What both shapes take, by the names of theirs.
const ops::Operation& OperationOf(RerankShape shape) {
  static const ops::Operation v2 = {
      .name = "rerank",
      .summary = "Judge how well documents answer a query, best first",
      .details = {},
      .parameters = {
          {.name = "query", .help = "what they should answer", .required = true},
          {.name = "documents",
           .help = "texts to judge; a long one is judged by its beginning",
           .required = true,
           .repeated = true},
          {.name = "model", .help = "an installed cross-encoder; empty: the default one"},
          {.name = "top_n",
           .type = ops::ParameterType::kInteger,
           .help = "results wanted; default: all",
           .least = 1,
           .most = 1000000}}};
  static const ops::Operation v1 = [] {
    ops::Operation operation = v2;
    operation.parameters.push_back({.name = "return_documents",
                                    .type = ops::ParameterType::kFlag,
                                    .help = "send the texts back with the results",
                                    .default_value = "false"});
    return operation;
  }();
  return shape == RerankShape::kV1 ? v1 : v2;
}

// Documents that are objects of one text become that text.
Status Flatten(nlohmann::json& body) {
  const auto documents = body.find("documents");
  if (documents == body.end()) return OkStatus();
  for (nlohmann::json& document : *documents) {
    if (!document.is_object()) continue;
    const auto text = document.find("text");
    if (document.size() != 1 || text == document.end() || !text->is_string()) {
      return InvalidArgument("documents: expected strings, or objects {\"text\": \"...\"}");
    }
    document = nlohmann::json(*text);
  }
  return OkStatus();
}

Result<ops::Arguments> ArgumentsOf(RerankShape shape, const http::Request& request) {
  CODERANK_ASSIGN(nlohmann::json body, JsonBody(request));
  if (body.contains("documents") && !body["documents"].is_array()) {
    return InvalidArgument("documents: expected an array of texts");
  }
  if (shape == RerankShape::kV1) CODERANK_TRY(Flatten(body));
  CODERANK_ASSIGN(ops::Arguments arguments, ArgumentsFromJson(OperationOf(shape), body));
  if (arguments.Text("query").empty()) return InvalidArgument("query: expected a text");
  const size_t count = arguments.List("documents").size();
  if (count > kMostDocuments) {
    return InvalidArgument(
        StrCat("documents: expected at most ", kMostDocuments, " texts, found ", count));
  }
  return arguments;
}

// Between 0 and 1, as the shapes have it; the order is that of the logits.
double Relevance(float logit) { return 1 / (1 + std::exp(-static_cast<double>(logit))); }

Json Results(const std::vector<RerankScore>& scores, const ops::Arguments& arguments,
             bool with_documents) {
  std::vector<size_t> order = BestFirst(scores);
  if (arguments.Has("top_n")) {
    order.resize(std::min(order.size(), static_cast<size_t>(arguments.Integer("top_n"))));
  }
  Json results = Json::array();
  for (const size_t i : order) {
    Json result = {{"index", i}, {"relevance_score", Relevance(scores[i].score)}};
    if (scores[i].truncated) result["truncated"] = true;
    if (with_documents) result["document"] = {{"text", arguments.List("documents")[i]}};
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

Result<Json> RerankAnswer(RerankShape shape, Service& service, const http::Exchange& exchange) {
  CODERANK_ASSIGN(const ops::Arguments arguments, ArgumentsOf(shape, exchange.request()));
  CODERANK_ASSIGN(const RerankingReport report,
                  service.Rerank({.model = arguments.Text("model"),
                                  .query = arguments.Text("query"),
                                  .documents = arguments.List("documents")},
                                 {.cancel = &exchange.cancel(), .progress = {}}));
  size_t tokens = 0;
  for (const RerankScore& score : report.scores) tokens += score.tokens;
  const bool with_documents = shape == RerankShape::kV1 && arguments.Flag("return_documents");
  return Json{{"object", "list"},
              {"model", report.model},
              {"results", Results(report.scores, arguments, with_documents)},
              {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}},
              {"meta",
               {{"api_version", {{"version", shape == RerankShape::kV1 ? "1" : "2"}}},
                {"tokens", {{"input_tokens", tokens}}}}}};
}

Json RerankRequestSchema(RerankShape shape) {
  Json schema = ArgumentsSchema(OperationOf(shape));
  Json& properties = schema["properties"];
  // Everything but NUL, as the operation table takes texts.
  const Json text = {{"type", "string"}, {"pattern", "^[^\\u0000]*$"}};
  properties["query"]["pattern"] = "^[^\\u0000]+$";
  properties["model"]["pattern"] = ops::kModelNamePattern;
  Json item = text;
  if (shape == RerankShape::kV1) {
    item = {{"anyOf",
             {text,
              {{"type", "object"},
               {"properties", {{"text", text}}},
               {"required", Json::array({"text"})},
               {"additionalProperties", false}}}}};
  }
  properties["documents"]["items"] = item;
  properties["documents"]["minItems"] = 1;
  properties["documents"]["maxItems"] = kMostDocuments;
  for (const char* optional : {"model", "top_n", "return_documents"}) {
    if (!properties.contains(optional)) continue;
    Json& property = properties[optional];
    property["type"] = Json::array({property["type"], "null"});
  }
  return schema;
}

Json RerankResponseSchema() {
  const Json whole = {{"type", "integer"}};
  return {{"type", "object"},
          {"required", {"object", "model", "results", "usage", "meta"}},
          {"properties",
           {{"object", {{"const", "list"}}},
            {"model", {{"type", "string"}}},
            {"results",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"required", {"index", "relevance_score"}},
                {"properties",
                 {{"index", whole},
                  {"relevance_score", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}},
                  {"truncated", {{"type", "boolean"}}},
                  {"document",
                   {{"type", "object"},
                    {"required", Json::array({"text"})},
                    {"properties", {{"text", {{"type", "string"}}}}}}}}}}}}},
            {"usage",
             {{"type", "object"},
              {"required", {"prompt_tokens", "total_tokens"}},
              {"properties", {{"prompt_tokens", whole}, {"total_tokens", whole}}}}},
            {"meta", {{"type", "object"}}}}}};
}

}  // namespace coderank::server::rest
