#include "model/json_config.h"

#include <set>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "json/json.h"

namespace coderank {
namespace {

using nlohmann::json;

// Model configurations are a few kB; the index of a sharded 7B model is 30 kB.
constexpr uint64_t kMaxConfigBytes = uint64_t{4} << 20;
constexpr size_t kMaxDepth = 64;

// Watches a parse: depth and repeated keys, which the library lets pass.
class Watcher {
 public:
  // False drops the value, and the events that would end it do not come: after the first problem
  // nothing is looked at and nothing is kept.
  bool See(json::parse_event_t event, const json& parsed) {
    if (!problem_.empty()) return false;
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        keys_.emplace_back();
        if (keys_.size() > kMaxDepth) problem_ = StrCat("nests deeper than ", kMaxDepth, " levels");
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        keys_.pop_back();
        break;
      case json::parse_event_t::key: {
        const auto& key = parsed.get_ref<const std::string&>();
        if (!keys_.back().insert(key).second) problem_ = StrCat("repeats the key \"", key, "\"");
        break;
      }
      case json::parse_event_t::value:
        break;
    }
    return problem_.empty();
  }
  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::set<std::string>> keys_;  // one per open object or array
  std::string problem_;
};

std::string Shown(const json* value) {
  if (value == nullptr) return "nothing";
  if (value->is_object()) return "an object";
  if (value->is_array()) return "an array";
  return ToText(*value);
}

}  // namespace

Result<json> ParseJson(std::string_view text, std::string_view source) {
  Watcher watcher;
  json value = json::parse(
      text.begin(), text.end(),
      [&watcher](int, json::parse_event_t event, json& parsed) {
        return watcher.See(event, parsed);
      },
      /*allow_exceptions=*/false);
  if (!watcher.problem().empty()) return Corrupt(StrCat(source, ": JSON ", watcher.problem()));
  if (value.is_discarded()) return Corrupt(StrCat(source, ": expected JSON, found a syntax error"));
  return value;
}

Result<json> LoadJson(const std::filesystem::path& path) {
  CODERANK_ASSIGN(const std::string text, ReadFile(path, kMaxConfigBytes));
  return ParseJson(text, path.native());
}

Result<JsonConfig> JsonConfig::Load(const std::filesystem::path& path) {
  CODERANK_ASSIGN(json value, LoadJson(path));
  return FromObject(std::move(value), path.native());
}

Result<JsonConfig> JsonConfig::Parse(std::string_view text, std::string source) {
  CODERANK_ASSIGN(json value, ParseJson(text, source));
  return FromObject(std::move(value), std::move(source));
}

Result<JsonConfig> JsonConfig::FromObject(json value, std::string source) {
  if (!value.is_object()) {
    return Corrupt(StrCat(source, ": expected a JSON object, found ", value.type_name()));
  }
  return JsonConfig(std::move(value), std::move(source));
}

const json* JsonConfig::Find(std::string_view key) const {
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Status JsonConfig::Unexpected(std::string_view key, std::string_view expected) const {
  return InvalidArgument(
      StrCat(source_, ": field \"", key, "\": expected ", expected, ", found ", Shown(Find(key))));
}

Result<std::optional<uint64_t>> JsonConfig::Integer(std::string_view key, uint64_t least,
                                                    uint64_t most) const {
  const json* value = Find(key);
  if (value == nullptr) return std::optional<uint64_t>();
  if (!value->is_number_unsigned() || value->get<uint64_t>() < least ||
      value->get<uint64_t>() > most) {
    return Unexpected(key, StrCat("a whole number from ", least, " to ", most));
  }
  return std::optional(value->get<uint64_t>());
}

Result<std::optional<double>> JsonConfig::Number(std::string_view key, double least,
                                                 double most) const {
  const json* value = Find(key);
  if (value == nullptr) return std::optional<double>();
  if (!value->is_number() || !(value->get<double>() >= least) || !(value->get<double>() <= most)) {
    return Unexpected(key, StrCat("a number from ", least, " to ", most));
  }
  return std::optional(value->get<double>());
}

Result<std::optional<bool>> JsonConfig::Flag(std::string_view key) const {
  const json* value = Find(key);
  if (value == nullptr) return std::optional<bool>();
  if (!value->is_boolean()) return Unexpected(key, "true or false");
  return std::optional(value->get<bool>());
}

Result<std::optional<std::string>> JsonConfig::Text(std::string_view key) const {
  const json* value = Find(key);
  if (value == nullptr) return std::optional<std::string>();
  if (!value->is_string()) return Unexpected(key, "a string");
  return std::optional(value->get<std::string>());
}

Result<uint64_t> JsonConfig::RequiredInteger(std::string_view key, uint64_t least,
                                             uint64_t most) const {
  CODERANK_ASSIGN(const std::optional<uint64_t> value, Integer(key, least, most));
  if (!value) return Unexpected(key, StrCat("a whole number from ", least, " to ", most));
  return *value;
}

Result<std::string> JsonConfig::RequiredText(std::string_view key) const {
  CODERANK_ASSIGN(std::optional<std::string> value, Text(key));
  if (!value) return Unexpected(key, "a string");
  return *std::move(value);
}

}  // namespace coderank
