// JSON configuration files of a model folder: bounded, never throwing, every field checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

// Non-throwing parse with a nesting limit; `source` names the file in messages. kCorrupt if the
// text is not JSON, nests too deep or repeats a key within an object.
Result<nlohmann::json> ParseJson(std::string_view text, std::string_view source);

// ParseJson of a file's text.
Result<nlohmann::json> LoadJson(const std::filesystem::path& path);

// A JSON object with the name of its file. Missing fields are nullopt; a field of the wrong type
// or outside its range is an error that names file, field, expected and found.
class JsonConfig {
 public:
  // kNotFound if there is no such file.
  static Result<JsonConfig> Load(const std::filesystem::path& path);
  static Result<JsonConfig> Parse(std::string_view text, std::string source);
  // Part of a larger document; kCorrupt if it is not an object.
  static Result<JsonConfig> FromObject(nlohmann::json value, std::string source);

  const nlohmann::json& object() const { return object_; }
  const std::string& source() const { return source_; }

  Result<std::optional<uint64_t>> Integer(std::string_view key, uint64_t least,
                                          uint64_t most) const;
  Result<std::optional<double>> Number(std::string_view key, double least, double most) const;
  Result<std::optional<bool>> Flag(std::string_view key) const;
  Result<std::optional<std::string>> Text(std::string_view key) const;
  // The same for a field that must be there.
  Result<uint64_t> RequiredInteger(std::string_view key, uint64_t least, uint64_t most) const;
  Result<std::string> RequiredText(std::string_view key) const;

  // "<file>: field "key": expected <expected>, found <value>".
  Status Unexpected(std::string_view key, std::string_view expected) const;

 private:
  JsonConfig(nlohmann::json object, std::string source)
      : object_(std::move(object)), source_(std::move(source)) {}
  // Null when missing or null.
  const nlohmann::json* Find(std::string_view key) const;

  nlohmann::json object_;
  std::string source_;
};

}  // namespace coderank
