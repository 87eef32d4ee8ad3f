// Checked access to the fields of a parsed JSON file; errors name the file and the field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

// Parses without exceptions. kCorrupt for text that is not one JSON object.
Result<nlohmann::json> ParseJsonObject(std::string_view text, std::string_view name);

// One JSON object of a file. Refers to the value; `where` is "<file>: <path of the object>".
class JsonFields {
 public:
  JsonFields(const nlohmann::json& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  const std::string& where() const { return where_; }

  // Null where the field is missing or null.
  const nlohmann::json* Find(const char* field) const;

  // Required fields of a type.
  Result<JsonFields> Object(const char* field) const;
  Result<const nlohmann::json*> Array(const char* field) const;
  Result<std::string> Text(const char* field) const;
  Result<bool> Bool(const char* field) const;
  Result<int32_t> Id(const char* field) const;
  // Fields with a default.
  Result<bool> BoolOr(const char* field, bool fallback) const;

  // kCorrupt: "<file>: <field>: expected <what>, found <the value>".
  Status Unexpected(std::string_view field, std::string_view expected) const;

 private:
  const nlohmann::json& object_;
  std::string where_;
};

// A token id: 0 to 2^31 - 1. kCorrupt for anything else.
Result<int32_t> ReadTokenId(const nlohmann::json& value, std::string_view where);

}  // namespace coderank
