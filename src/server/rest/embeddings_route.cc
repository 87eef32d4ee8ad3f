#include "server/rest/embeddings_route.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/strings.h"
#include "base/try.h"
#include "ops/parameters.h"
#include "server/rest/answers.h"

namespace coderank::server::rest {
namespace {

using Body = nlohmann::json;

constexpr std::array<std::string_view, 6> kKnown = {"input",           "model",      "input_type",
                                                    "encoding_format", "dimensions", "user"};

struct Wanted {
  std::string model;
  std::vector<std::string> texts;
  bool query = false;
  bool base64 = false;
  uint64_t dimensions = 0;  // 0: whatever the model gives
};

Status CheckNames(const Body& body) {
  for (const auto& [name, value] : body.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) continue;
    std::string known;
    for (const auto k : kKnown) known += StrCat(known.empty() ? "" : ", ", k);
    return InvalidArgument(StrCat(name, ": unknown field; known: ", known));
  }
  return OkStatus();
}

// One of two words; the first where the field is absent or null.
Result<bool> IsSecond(const Body& body, const char* name, std::string_view first,
                      std::string_view second) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return false;
  if (found->is_string() && *found == first) return false;
  if (found->is_string() && *found == second) return true;
  return InvalidArgument(StrCat(name, ": expected \"", first, "\" or \"", second, "\""));
}

Result<std::string> TextOf(const Body& value) {
  if (!value.is_string()) {
    return InvalidArgument(
        StrCat("input: expected a string or an array of strings, found ", value.type_name(),
               value.is_number() || value.is_array()
                   ? " in it; token ids are not taken, because they belong to another tokenizer"
                   : " in it"));
  }
  auto text = value.get<std::string>();
  if (text.empty()) return InvalidArgument("input: expected a text, found an empty string");
  return text;
}

Result<std::vector<std::string>> TextsOf(const Body& body) {
  const auto input = body.find("input");
  if (input == body.end()) return InvalidArgument("input: is required");
  std::vector<std::string> texts;
  if (!input->is_array()) {
    CODERANK_ASSIGN(std::string text, TextOf(*input));
    texts.push_back(std::move(text));
    return texts;
  }
  if (input->empty() || input->size() > kMostTexts) {
    return InvalidArgument(
        StrCat("input: expected 1 to ", kMostTexts, " texts, found ", input->size()));
  }
  for (const Body& element : *input) {
    CODERANK_ASSIGN(std::string text, TextOf(element));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<Wanted> WantedBy(const Body& body) {
  CODERANK_TRY(CheckNames(body));
  Wanted wanted;
  CODERANK_ASSIGN(wanted.texts, TextsOf(body));
  CODERANK_ASSIGN(wanted.query, IsSecond(body, "input_type", "document", "query"));
  CODERANK_ASSIGN(wanted.base64, IsSecond(body, "encoding_format", "float", "base64"));
  if (const auto model = body.find("model"); model != body.end() && !model->is_null()) {
    if (!model->is_string()) return InvalidArgument("model: expected a string");
    wanted.model = model->get<std::string>();
  }
  if (const auto user = body.find("user"); user != body.end() && !user->is_null()) {
    if (!user->is_string()) return InvalidArgument("user: expected a string");
  }
  const auto dimensions = body.find("dimensions");
  if (dimensions != body.end() && !dimensions->is_null()) {
    if (!dimensions->is_number_unsigned() || *dimensions == 0) {
      return InvalidArgument("dimensions: expected a whole number above 0");
    }
    wanted.dimensions = dimensions->get<uint64_t>();
  }
  return wanted;
}

// Little-endian f32, as OpenAI's clients expect; every machine that this builds for is.
std::string Base64Of(const std::vector<float>& vector) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes(vector.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), vector.data(), bytes.size());
  return ToBase64(bytes);
}

// The fewest digits that read back to the same f32.
std::string ListOf(const std::vector<float>& vector) {
  std::string out = "[";
  std::array<char, 32> text{};
  for (const float value : vector) {
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    if (out.size() > 1) out += ',';
    out.append(text.data(), end);
  }
  return out + "]";
}

Status CheckDimensions(const Wanted& wanted, const EmbeddingsReport& report) {
  const size_t found = report.embeddings.front().vector.size();
  if (wanted.dimensions == 0 || wanted.dimensions == found) return OkStatus();
  return InvalidArgument(StrCat("dimensions: expected ", found, ", which model ", report.model,
                                " gives, found ", wanted.dimensions));
}

}  // namespace

Result<std::string> EmbeddingsAnswer(Service& service, const http::Exchange& exchange) {
  CODERANK_ASSIGN(const Body body, JsonBody(exchange.request()));
  CODERANK_ASSIGN(const Wanted wanted, WantedBy(body));
  const std::vector<std::string_view> views(wanted.texts.begin(), wanted.texts.end());
  CODERANK_ASSIGN(const EmbeddingsReport report,
                  service.Embed(wanted.model, views, {.query = wanted.query},
                                {.cancel = &exchange.cancel(), .progress = {}}));
  CODERANK_TRY(CheckDimensions(wanted, report));
  std::string data;
  size_t tokens = 0;
  for (size_t i = 0; i < report.embeddings.size(); ++i) {
    const TextEmbedding& embedding = report.embeddings[i];
    tokens += embedding.token_ids.size();
    data += StrCat(
        i == 0 ? "" : ",", "{\"object\":\"embedding\",\"index\":", i, ",\"embedding\":",
        wanted.base64 ? StrCat("\"", Base64Of(embedding.vector), "\"") : ListOf(embedding.vector),
        "}");
  }
  return StrCat("{\"object\":\"list\",\"data\":[", data, "],\"model\":", Json(report.model).dump(),
                ",\"usage\":{\"prompt_tokens\":", tokens, ",\"total_tokens\":", tokens, "}}\n");
}

Json EmbeddingsRequestSchema() {
  return {
      {"type", "object"},
      {"properties",
       {{"input",
         {{"description", "one text, or several"},
          {"oneOf",
           {{{"type", "string"}, {"minLength", 1}},
            {{"type", "array"},
             {"items", {{"type", "string"}, {"minLength", 1}}},
             {"minItems", 1},
             {"maxItems", kMostTexts}}}}}},
        {"model",
         {{"type", {"string", "null"}},
          {"pattern", ops::kModelNamePattern},
          {"description", "an installed model; empty: the default one"}}},
        {"input_type",
         {{"enum", {"document", "query", nullptr}},
          {"default", "document"},
          {"description", "which prompt of the model to put before the texts"}}},
        {"encoding_format", {{"enum", {"float", "base64", nullptr}}, {"default", "float"}}},
        {"dimensions",
         {{"type", {"integer", "null"}}, {"minimum", 1}, {"description", "only the model's own"}}},
        {"user", {{"type", {"string", "null"}}, {"description", "not used"}}}}},
      {"required", Json::array({"input"})},
      {"additionalProperties", false}};
}

Json EmbeddingsResponseSchema() {
  const Json vector = {
      {"oneOf", {{{"type", "array"}, {"items", {{"type", "number"}}}}, {{"type", "string"}}}}};
  return {{"type", "object"},
          {"required", {"object", "data", "model", "usage"}},
          {"properties",
           {{"object", {{"const", "list"}}},
            {"data",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"required", {"object", "index", "embedding"}},
                {"properties",
                 {{"object", {{"const", "embedding"}}},
                  {"index", {{"type", "integer"}}},
                  {"embedding", vector}}}}}}},
            {"model", {{"type", "string"}}},
            {"usage",
             {{"type", "object"},
              {"required", {"prompt_tokens", "total_tokens"}},
              {"properties",
               {{"prompt_tokens", {{"type", "integer"}}},
                {"total_tokens", {{"type", "integer"}}}}}}}}}};
}

}  // namespace coderank::server::rest
