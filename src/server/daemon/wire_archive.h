// Structs as JSON objects, field by field. A struct is described once, by
//
//   template <typename Archive> void Fields(Archive& archive, TheStruct& value) {
//     archive("name", value.field); ...
//   }
//
// which a Writer and a Reader are both shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "coderank/status.h"
#include "server/report_json.h"

namespace coderank::server::wire {

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

// The last value of an enumeration that is sent; a specialisation for each.
template <typename E>
inline constexpr E kLastOf{};

class Writer {
 public:
  template <typename T>
  void operator()(const char* name, T& value) {
    json_[name] = Write(value);
  }
  Json Take() { return std::move(json_); }

  template <typename T>
  static Json Write(T& value) {
    if constexpr (IsVector<T>::value) {
      Json list = Json::array();
      for (auto& element : value) list.push_back(Write(element));
      return list;
    } else if constexpr (IsOptional<T>::value) {
      return value ? Write(*value) : Json();
    } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
      return value.native();
    } else if constexpr (std::is_enum_v<T>) {
      return static_cast<uint32_t>(value);
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
      return value;
    } else {
      Writer writer;
      Fields(writer, value);
      return writer.Take();
    }
  }

 private:
  Json json_ = Json::object();
};

// Missing fields, and those of another type, are an error that names the first.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  template <typename T>
  void operator()(const char* name, T& value) {
    const auto found = json_.find(name);
    const bool good = found != json_.end() && Read(*found, value);
    if (!good && error_.ok()) {
      error_ = InvalidArgument(std::string(name) + ": is missing or malformed");
    }
  }
  const Status& error() const { return error_; }

  template <typename T>
  static bool Read(const Json& json, T& value) {
    if constexpr (IsVector<T>::value) {
      if (!json.is_array()) return false;
      for (const Json& element : json) {
        if (!Read(element, value.emplace_back())) return false;
      }
      return true;
    } else if constexpr (IsOptional<T>::value) {
      return json.is_null() || Read(json, value.emplace());
    } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string> &&
                         !std::is_same_v<T, std::filesystem::path>) {
      if (!json.is_object()) return false;
      Reader reader(json);
      Fields(reader, value);
      return reader.error().ok();
    } else {
      return ReadScalar(json, value);
    }
  }

 private:
  template <typename T>
  static bool ReadScalar(const Json& json, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) return false;
      value = json.get<bool>();
    } else if constexpr (std::is_enum_v<T>) {
      if (!IsWhole(json, static_cast<uint64_t>(kLastOf<T>))) return false;
      value = static_cast<T>(json.get<uint64_t>());
    } else if constexpr (std::is_unsigned_v<T>) {
      if (!IsWhole(json, std::numeric_limits<T>::max())) return false;
      value = static_cast<T>(json.get<uint64_t>());
    } else if constexpr (std::is_same_v<T, int32_t>) {
      if (!json.is_number_integer()) return false;
      value = json.get<int32_t>();
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!json.is_number()) return false;
      value = json.get<T>();
    } else {
      if (!json.is_string()) return false;
      value = json.get<std::string>();
    }
    return true;
  }
  static bool IsWhole(const Json& json, uint64_t most) {
    return json.is_number_unsigned() && json.get<uint64_t>() <= most;
  }

  const Json& json_;
  Status error_;
};

}  // namespace coderank::server::wire
