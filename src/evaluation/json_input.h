// Bounded reading of JSON and of lines from files that somebody else wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bounded_lines.h"
#include "base/file.h"
#include "coderank/result.h"

namespace coderank::evaluation {

// `first_line` is the line of the file that the text begins with. kCorrupt names file and line.
Result<nlohmann::json> ParseJson(std::string_view text, const std::filesystem::path& file,
                                 uint64_t first_line = 1);

// One JSON object and where it begins: "queries.jsonl:12".
class Record {
 public:
  // kCorrupt if it is no object.
  static Result<Record> FromJson(nlohmann::json value, std::string place);

  const std::string& place() const { return place_; }
  // Null when missing.
  const nlohmann::json& operator[](std::string_view key) const;
  // A text that must be there and not be empty.
  Result<std::string> Text(std::string_view key) const;
  // Empty when missing or null.
  Result<std::string> OptionalText(std::string_view key) const;
  // No value when missing or null.
  Result<std::optional<uint32_t>> OptionalInteger(std::string_view key) const;
  // "<place>: "key": expected <expected>, found <what is there>".
  Status Unexpected(std::string_view key, std::string_view expected) const;

 private:
  Record(nlohmann::json value, std::string place)
      : value_(std::move(value)), place_(std::move(place)) {}
  nlohmann::json value_;
  std::string place_;
};

// A file that holds an array of objects.
Result<std::vector<Record>> ReadRecords(const std::filesystem::path& file);

// Reads a text file line by line in bounded memory. Not thread-safe.
class LineReader {
 public:
  static Result<LineReader> Open(const std::filesystem::path& path);
  // The next line without its end ("\n" or "\r\n"); no value at the end of the file.
  Result<std::optional<std::string>> Next();
  // "<file>:<number of the last line read>".
  std::string place() const;
  uint64_t line() const { return line_; }

 private:
  LineReader(std::filesystem::path path, UniqueFd file);

  std::filesystem::path path_;
  UniqueFd file_;
  BoundedLines lines_;
  uint64_t line_ = 0;
};

}  // namespace coderank::evaluation
