#include "remote/remote_model.h"

#include <array>
#include <cmath>
#include <limits>

#include "base/strings.h"
#include "base/try.h"
#include "json/json.h"
#include "net/url.h"

namespace coderank {
namespace {

using Json = nlohmann::json;

constexpr std::array<EmbeddingApi, 3> kApis = {EmbeddingApi::kOpenAi, EmbeddingApi::kVoyage,
                                               EmbeddingApi::kTei};
constexpr int kIndent = 2;
constexpr uint64_t kMostPerRequest = 100'000;
constexpr uint64_t kMostRequests = 64;

Status Unexpected(std::string_view source, std::string_view field, std::string_view expected) {
  return Corrupt(
      StrCat(source, ": field \"", field, "\": expected ", expected, "; connect the model again"));
}

Result<uint64_t> NumberWithin(const Json& json, std::string_view source, std::string_view field,
                              uint64_t least, uint64_t most) {
  const Json& value = Member(json, field);
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number >= least && number <= most) return number;
  }
  return Unexpected(source, field, StrCat("a number from ", least, " to ", most));
}

Result<std::vector<float>> CanaryVector(const Json& json, std::string_view source,
                                        std::string_view field, size_t dimension) {
  const Json& list = Member(json, field);
  std::vector<float> vector;
  if (list.is_array() && list.size() == dimension) {
    for (const Json& number : list) {
      if (number.is_number() && std::abs(number.get<double>()) <= 1.5) {
        vector.push_back(number.get<float>());
      }
    }
  }
  if (vector.size() == dimension) return vector;
  return Unexpected(source, field, StrCat(dimension, " numbers of a unit vector"));
}

Result<Json> ParseObject(std::string_view text, std::string_view source) {
  auto json = ParseBoundedJson(text);
  if (json && json->is_object()) return json;
  return Corrupt(StrCat(source, ": expected a JSON object; connect the model again"));
}

}  // namespace

float CosineOf(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return static_cast<float>(sum);
}

std::string_view EmbeddingApiName(EmbeddingApi api) {
  switch (api) {
    case EmbeddingApi::kVoyage:
      return "voyage";
    case EmbeddingApi::kTei:
      return "tei";
    case EmbeddingApi::kOpenAi:
      break;
  }
  return "openai";
}

Result<EmbeddingApi> EmbeddingApiFrom(std::string_view name) {
  for (const EmbeddingApi api : kApis) {
    if (name == EmbeddingApiName(api)) return api;
  }
  return InvalidArgument(StrCat("api: expected openai, voyage or tei, found \"", name, "\""));
}

std::string WriteRemoteModel(const RemoteModel& model) {
  return StrCat(ToText({{"api", EmbeddingApiName(model.api)},
                        {"url", model.url},
                        {"model", model.model},
                        {"dimensions", model.dimensions},
                        {"generation", model.generation}},
                       kIndent),
                "\n");
}

std::string WriteRemoteAccess(const RemoteAccess& access) {
  return StrCat(ToText({{"key_variable", access.key_variable},
                        {"usd_per_million_tokens", access.usd_per_million_tokens},
                        {"texts_per_request", access.texts_per_request},
                        {"requests_at_once", access.requests_at_once},
                        {"canary_query", access.canary.query},
                        {"canary_document", access.canary.document}},
                       kIndent),
                "\n");
}

Result<RemoteModel> ReadRemoteModel(std::string_view text, std::string_view source) {
  CODERANK_ASSIGN(const Json json, ParseObject(text, source));
  RemoteModel model;
  const auto api = EmbeddingApiFrom(TextAt(json, "api"));
  if (!api) return Unexpected(source, "api", "openai, voyage or tei");
  model.api = *api;
  model.url = TextAt(json, "url");
  if (!ParseUrl(model.url)) return Unexpected(source, "url", "an http or https URL");
  model.model = TextAt(json, "model");
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  CODERANK_ASSIGN(const uint64_t dimensions, NumberWithin(json, source, "dimensions", 0, kMost));
  CODERANK_ASSIGN(const uint64_t generation, NumberWithin(json, source, "generation", 0, kMost));
  model.dimensions = static_cast<uint32_t>(dimensions);
  model.generation = static_cast<uint32_t>(generation);
  return model;
}

Result<RemoteAccess> ReadRemoteAccess(std::string_view text, std::string_view source,
                                      size_t dimension) {
  CODERANK_ASSIGN(const Json json, ParseObject(text, source));
  RemoteAccess access{.key_variable = TextAt(json, "key_variable"), .canary = {}};
  const Json& price = Member(json, "usd_per_million_tokens");
  if (!price.is_number() || price.get<double>() < 0) {
    return Unexpected(source, "usd_per_million_tokens", "a number from 0");
  }
  access.usd_per_million_tokens = price.get<double>();
  CODERANK_ASSIGN(access.texts_per_request,
                  NumberWithin(json, source, "texts_per_request", 1, kMostPerRequest));
  CODERANK_ASSIGN(access.requests_at_once,
                  NumberWithin(json, source, "requests_at_once", 1, kMostRequests));
  CODERANK_ASSIGN(access.canary.query, CanaryVector(json, source, "canary_query", dimension));
  CODERANK_ASSIGN(access.canary.document, CanaryVector(json, source, "canary_document", dimension));
  return access;
}

}  // namespace coderank
