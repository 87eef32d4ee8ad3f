#include "line_reader.h"

#include <poll.h>
#include <unistd.h>

#include "base/strings.h"
#include "print_json.h"
#include "text/utf8.h"

namespace coderank::cli {
namespace {

constexpr size_t kMaxLineBytes = size_t{64} << 20;

}  // namespace

LineReader::LineReader() : lines_(STDIN_FILENO, kMaxLineBytes) {}

bool LineReader::WouldWait() const {
  if (lines_.HasLine()) return false;
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, 0) == 0;
}

Result<std::string> TextOfLine(const std::string& line, uint64_t number) {
  // Nested values are not kept: they could take many times the memory of their line.
  const auto keep = [](int depth, Json::parse_event_t, const Json&) { return depth <= 1; };
  Json json = Json::parse(ToValidUtf8(line), keep, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("text") && json["text"].is_string()) {
    return json["text"].get<std::string>();
  }
  return InvalidArgument(StrCat("standard input, line ", number,
                                ": expected {\"text\": \"...\"}, found ",
                                json.is_discarded() ? "no valid JSON" : json.type_name()));
}

}  // namespace coderank::cli
