#include "tokenizer/json_fields.h"

#include <limits>

#include "base/strings.h"

namespace coderank {
namespace {

// Deeper values are dropped while parsing, so that brackets alone cannot fill the memory.
constexpr int kMaxDepth = 16;

std::string Describe(const nlohmann::json* value) {
  constexpr size_t kLongest = 60;
  if (value == nullptr) return "nothing";
  if (value->is_structured()) return value->type_name();
  // Never throws: ill-formed text is replaced.
  return value->dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).substr(0, kLongest);
}

}  // namespace

Result<nlohmann::json> ParseJsonObject(std::string_view text, std::string_view name) {
  const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth <= kMaxDepth;
  };
  nlohmann::json value = nlohmann::json::parse(text, shallow, /*allow_exceptions=*/false);
  if (!value.is_object()) {
    return Corrupt(StrCat(name, ": expected a JSON object, found ",
                          value.is_discarded() ? "text that is not JSON" : value.type_name(),
                          "; take the file from the model's publisher again"));
  }
  return value;
}

const nlohmann::json* JsonFields::Find(const char* field) const {
  const auto found = object_.find(field);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Status JsonFields::Unexpected(std::string_view field, std::string_view expected) const {
  return Corrupt(StrCat(where_, field, ": expected ", expected, ", found ",
                        Describe(Find(std::string(field).c_str()))));
}

Result<JsonFields> JsonFields::Object(const char* field) const {
  const nlohmann::json* value = Find(field);
  if (value == nullptr || !value->is_object()) return Unexpected(field, "an object");
  return JsonFields(*value, StrCat(where_, field, "."));
}

Result<const nlohmann::json*> JsonFields::Array(const char* field) const {
  const nlohmann::json* value = Find(field);
  if (value == nullptr || !value->is_array()) return Unexpected(field, "an array");
  return value;
}

Result<std::string> JsonFields::Text(const char* field) const {
  const nlohmann::json* value = Find(field);
  if (value == nullptr || !value->is_string()) return Unexpected(field, "a string");
  return *value->get_ptr<const std::string*>();
}

Result<bool> JsonFields::Bool(const char* field) const {
  const nlohmann::json* value = Find(field);
  if (value == nullptr || !value->is_boolean()) return Unexpected(field, "true or false");
  return *value->get_ptr<const bool*>();
}

Result<bool> JsonFields::BoolOr(const char* field, bool fallback) const {
  return Find(field) == nullptr ? Result<bool>(fallback) : Bool(field);
}

Result<int32_t> JsonFields::Id(const char* field) const {
  const nlohmann::json* value = Find(field);
  if (value == nullptr) return Unexpected(field, "a token id");
  return ReadTokenId(*value, StrCat(where_, field));
}

Result<int32_t> ReadTokenId(const nlohmann::json& value, std::string_view where) {
  constexpr auto kLargest = std::numeric_limits<int32_t>::max();
  // nlohmann keeps every number without a sign as unsigned.
  const auto* number = value.get_ptr<const nlohmann::json::number_unsigned_t*>();
  if (number == nullptr || *number > static_cast<uint64_t>(kLargest)) {
    return Corrupt(
        StrCat(where, ": expected a token id from 0 to ", kLargest, ", found ", Describe(&value)));
  }
  return static_cast<int32_t>(*number);
}

}  // namespace coderank
