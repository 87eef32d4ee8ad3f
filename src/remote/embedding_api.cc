#include "remote/embedding_api.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/strings.h"
#include "base/try.h"
#include "json/json.h"

namespace coderank::remote {
namespace {

using Json = nlohmann::json;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kLargest = std::numeric_limits<float>::max();
constexpr size_t kMostReason = 300;  // characters shown of what a service says

Json ListOf(std::span<const std::string> texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(text);
  return list;
}

// Numbers, or their little-endian f32 bytes in base64.
std::optional<std::vector<float>> NumbersOf(const Json& value) {
  std::vector<float> numbers;
  if (value.is_string()) {
    const auto bytes = FromBase64(value.get_ref<const std::string&>());
    if (!bytes || bytes->size() % sizeof(float) != 0) return std::nullopt;
    numbers.resize(bytes->size() / sizeof(float));
    if (!numbers.empty()) std::memcpy(numbers.data(), bytes->data(), bytes->size());
    return numbers;
  }
  if (!value.is_array()) return std::nullopt;
  numbers.reserve(value.size());
  for (const Json& number : value) {
    if (!number.is_number()) return std::nullopt;
    const double wide = number.get<double>();
    // Beyond the range of f32: an infinity, which is refused as such.
    numbers.push_back(std::abs(wide) <= kLargest ? static_cast<float>(wide) : kInfinity);
  }
  return numbers;
}

Status CheckVector(std::span<const float> vector, size_t index, size_t dimension) {
  const std::string which = StrCat("the vector of text ", index);
  if (vector.empty()) return Corrupt(StrCat(which, ": is empty"));
  if (vector.size() != dimension) {
    return Corrupt(StrCat(which, ": expected ", dimension, " numbers, found ", vector.size(),
                          "; the service has another model than the one that was connected"));
  }
  bool zero = true;
  for (const float number : vector) {
    if (!std::isfinite(number)) {
      return Corrupt(StrCat(which, ": holds a number that is not finite"));
    }
    zero = zero && number == 0;
  }
  return zero ? Corrupt(StrCat(which, ": expected a direction, found zeros alone")) : OkStatus();
}

Status WrongCount(size_t expected, size_t found) {
  return Corrupt(StrCat("expected ", expected, " vectors, found ", found));
}

// [[...], ...], in the order of the texts.
Status ReadTei(const Json& reply, std::vector<std::vector<float>>& vectors) {
  if (!reply.is_array()) return Corrupt("expected a list of vectors");
  if (reply.size() != vectors.size()) return WrongCount(vectors.size(), reply.size());
  for (size_t i = 0; i < vectors.size(); ++i) {
    auto numbers = NumbersOf(reply[i]);
    if (!numbers) return Corrupt(StrCat("the vector of text ", i, ": expected numbers"));
    vectors[i] = *std::move(numbers);
  }
  return OkStatus();
}

// {"data": [{"index": 0, "embedding": [...]}, ...]}, in any order.
Status ReadData(const Json& reply, std::vector<std::vector<float>>& vectors) {
  const Json& data = Member(reply, "data");
  if (!data.is_array()) return Corrupt("field \"data\": expected a list of embeddings");
  if (data.size() != vectors.size()) return WrongCount(vectors.size(), data.size());
  for (const Json& item : data) {
    const Json& index = Member(item, "index");
    if (!index.is_number_unsigned() || index.get<uint64_t>() >= vectors.size()) {
      return Corrupt(StrCat("field \"index\": expected a number below ", vectors.size(),
                            " in each embedding"));
    }
    const size_t place = index.get<uint64_t>();
    if (!vectors[place].empty()) return Corrupt(StrCat("two vectors of text ", place));
    auto numbers = NumbersOf(Member(item, "embedding"));
    if (!numbers) {
      return Corrupt(StrCat("field \"embedding\" of text ", place, ": expected numbers or base64"));
    }
    vectors[place] = *std::move(numbers);
  }
  return OkStatus();
}

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  if (text.size() > kMostReason) text = StrCat(text.substr(0, kMostReason), "...");
  return text;
}

}  // namespace

std::string EndpointOf(const RemoteModel& model) {
  return StrCat(model.url, model.api == EmbeddingApi::kTei ? "/embed" : "/embeddings");
}

std::string RequestBody(const RemoteModel& model, TextRole role,
                        std::span<const std::string> texts) {
  if (model.api == EmbeddingApi::kTei) {
    return ToText({{"inputs", ListOf(texts)}, {"truncate", true}});
  }
  Json body = {{"model", model.model}, {"input", ListOf(texts)}};
  if (model.api == EmbeddingApi::kVoyage) {
    body["input_type"] = role == TextRole::kQuery ? "query" : "document";
    body["truncation"] = true;
    if (model.dimensions != 0) body["output_dimension"] = model.dimensions;
  } else {
    body["encoding_format"] = "base64";
    if (model.dimensions != 0) body["dimensions"] = model.dimensions;
  }
  return ToText(body);
}

Result<EmbeddingReply> ParseReply(const RemoteModel& model, std::string_view body, size_t expected,
                                  size_t dimension) {
  CODERANK_ASSIGN(const Json json, ParseBoundedJson(body));
  EmbeddingReply reply;
  reply.vectors.resize(expected);
  if (model.api == EmbeddingApi::kTei) {
    CODERANK_TRY(ReadTei(json, reply.vectors));
  } else {
    CODERANK_TRY(ReadData(json, reply.vectors));
    reply.tokens = NumberAt(Member(json, "usage"), "total_tokens");
  }
  for (size_t i = 0; i < expected; ++i) {
    const size_t wanted = dimension != 0 ? dimension : reply.vectors.front().size();
    CODERANK_TRY(CheckVector(reply.vectors[i], i, wanted));
  }
  return reply;
}

// {"error": {"message": ...}} (OpenAI), {"error": ...} (TEI), {"detail": ...} (Voyage).
std::string ReasonOf(std::string_view body) {
  const auto json = ParseBoundedJson(body);
  if (!json) return OneLine(std::string(body.substr(0, kMostReason)));
  const std::string message = TextAt(Member(*json, "error"), "message");
  if (!message.empty()) return OneLine(message);
  for (const char* key : {"error", "detail", "message"}) {
    const std::string text = TextAt(*json, key);
    if (!text.empty()) return OneLine(text);
  }
  return {};
}

bool SaysTooLong(int status, std::string_view reason) {
  if (status == 413) return true;
  if (status != 400 && status != 422) return false;
  const std::string lower = AsciiLower(reason);
  constexpr std::array<std::string_view, 8> kPhrases = {
      "context length", "too long",  "too many tokens", "maximum number of tokens",
      "max tokens",     "too large", "batch size",      "tokens per"};
  return std::any_of(kPhrases.begin(), kPhrases.end(), [&lower](std::string_view phrase) {
    return lower.find(phrase) != std::string::npos;
  });
}

Result<TeiInfo> ParseTeiInfo(std::string_view body) {
  CODERANK_ASSIGN(const Json json, ParseBoundedJson(body));
  return TeiInfo{.model = TextAt(json, "model_id"),
                 .max_tokens = NumberAt(json, "max_input_length"),
                 .texts_per_request = NumberAt(json, "max_client_batch_size")};
}

}  // namespace coderank::remote
