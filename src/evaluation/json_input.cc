#include "evaluation/json_input.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/strings.h"
#include "base/try.h"
#include "json/json.h"

namespace coderank::evaluation {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxJsonBytes = uint64_t{1} << 30;  // a run of 100,000 queries has some 300 MB
constexpr size_t kMaxLineBytes = size_t{64} << 20;     // one document of a collection
constexpr size_t kMaxDepth = 32;

std::string Place(const std::filesystem::path& file, uint64_t line) {
  return StrCat(file, ":", line);
}

uint64_t LinesIn(std::string_view text) {
  return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

std::string Shown(const json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  std::string shown = ToText(value);
  constexpr size_t kShownBytes = 60;
  return shown.size() <= kShownBytes ? shown : StrCat("a text of ", shown.size(), " bytes");
}

// The line on which each element of an array begins. Precondition: `text` is a JSON array.
std::vector<uint64_t> ElementLines(std::string_view text) {
  std::vector<uint64_t> lines;
  uint64_t line = 1;
  int depth = 0;
  bool in_string = false;
  bool expect_element = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
      continue;
    }
    if (std::string_view(" \t\r\n").find(c) != std::string_view::npos) continue;
    if (expect_element && c != ']') lines.push_back(line);
    expect_element = (depth == 1 && c == ',') || (depth == 0 && c == '[');
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    in_string = c == '"';
  }
  return lines;
}

}  // namespace

Result<json> ParseJson(std::string_view text, const std::filesystem::path& file,
                       uint64_t first_line) {
  if (JsonDepth(text) > kMaxDepth) {
    return Corrupt(StrCat(Place(file, first_line), ": expected JSON of at most ", kMaxDepth,
                          " levels, found more"));
  }
  try {
    json value = json::parse(text.begin(), text.end());
    return value;
  } catch (const json::exception& error) {
    const auto* syntax = dynamic_cast<const json::parse_error*>(&error);
    const size_t byte = syntax == nullptr ? 0 : std::min(syntax->byte, text.size());
    // The byte is counted from 1, and an end that comes too early is one behind the last.
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const size_t line_start = before.rfind('\n') + 1;  // 0 if there is none
    return Corrupt(StrCat(Place(file, first_line + LinesIn(before)),
                          ": expected JSON, found a syntax error at byte ",
                          before.size() - line_start + 1, " of the line"));
  }
}

Result<Record> Record::FromJson(json value, std::string place) {
  if (value.is_object()) return Record(std::move(value), std::move(place));
  return Corrupt(StrCat(place, ": expected an object, found ", Shown(value)));
}

const json& Record::operator[](std::string_view key) const {
  static const json missing;
  const auto found = value_.find(std::string(key));
  return found == value_.end() ? missing : *found;
}

Status Record::Unexpected(std::string_view key, std::string_view expected) const {
  return Corrupt(
      StrCat(place_, ": \"", key, "\": expected ", expected, ", found ", Shown((*this)[key])));
}

Result<std::string> Record::Text(std::string_view key) const {
  const json& value = (*this)[key];
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    return Unexpected(key, "a text");
  }
  return value.get<std::string>();
}

Result<std::string> Record::OptionalText(std::string_view key) const {
  const json& value = (*this)[key];
  if (value.is_null()) return std::string();
  if (!value.is_string()) return Unexpected(key, "a text or nothing");
  return value.get<std::string>();
}

Result<std::optional<uint32_t>> Record::OptionalInteger(std::string_view key) const {
  const json& value = (*this)[key];
  if (value.is_null()) return std::optional<uint32_t>();
  if (!value.is_number_unsigned() || value.get<uint64_t>() > UINT32_MAX) {
    return Unexpected(key, "a whole number of at most 32 bits");
  }
  return std::optional<uint32_t>(static_cast<uint32_t>(value.get<uint64_t>()));
}

Result<std::vector<Record>> ReadRecords(const std::filesystem::path& file) {
  CODERANK_ASSIGN(const std::string text, ReadFile(file, kMaxJsonBytes));
  CODERANK_ASSIGN(json value, ParseJson(text, file));
  if (!value.is_array()) {
    return Corrupt(StrCat(Place(file, 1), ": expected an array of objects, found ", Shown(value)));
  }
  const std::vector<uint64_t> lines = ElementLines(text);
  std::vector<Record> records;
  for (size_t i = 0; i < value.size(); ++i) {
    CODERANK_ASSIGN(Record record, Record::FromJson(std::move(value[i]), Place(file, lines[i])));
    records.push_back(std::move(record));
  }
  return records;
}

Result<LineReader> LineReader::Open(const std::filesystem::path& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoStatus(errno, path, "cannot open");
  return LineReader(path, std::move(file));
}

Result<std::optional<std::string>> LineReader::Next() {
  auto line = lines_.Next();
  if (!line) return line.error().WithContext(Place(path_, line_ + 1));
  if (!*line) return line;
  ++line_;
  if ((*line)->ends_with('\r')) (*line)->pop_back();
  return line;
}

LineReader::LineReader(std::filesystem::path path, UniqueFd file)
    : path_(std::move(path)), file_(std::move(file)), lines_(file_.get(), kMaxLineBytes) {}

std::string LineReader::place() const { return Place(path_, line_); }

}  // namespace coderank::evaluation
