#include "syntax/chunks_testing.h"

#include <algorithm>

#include "base/strings.h"
#include "text/utf8.h"

// The scanner of the SQL grammar loses a few bytes a text, which a worker process can bear.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the leak sanitizer asks for this name
extern "C" const char* __lsan_default_suppressions() {
  return "leak:tree_sitter_sql_external_scanner";
}

namespace coderank {
namespace {

bool IsBlank(char c) { return std::string_view(" \t\r\n\v\f").find(c) != std::string::npos; }

bool AllBlank(std::string_view text) { return std::all_of(text.begin(), text.end(), IsBlank); }

uint64_t Characters(std::string_view text) {
  return static_cast<uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return !IsBlank(c) && (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

}  // namespace

std::string FaultOf(std::string_view text, const std::vector<Chunk>& chunks,
                    const ChunkLimits& limits) {
  uint64_t covered = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  uint32_t line = 1;
  uint64_t counted = 0;  // bytes whose line breaks are in `line`
  const auto line_of = [&](uint64_t byte) {
    const std::string_view part = text.substr(counted, byte - counted);
    line += static_cast<uint32_t>(std::count(part.begin(), part.end(), '\n'));
    counted = byte;
    return line;
  };
  for (const Chunk& chunk : chunks) {
    const std::string place = StrCat("chunk ", chunk.start_byte, "-", chunk.end_byte, ": ");
    if (chunk.start_byte < covered || chunk.end_byte <= chunk.start_byte ||
        chunk.end_byte > text.size()) {
      return place + "its span is out of order or not in the text";
    }
    const std::string_view body = text.substr(chunk.start_byte, chunk.end_byte - chunk.start_byte);
    if (!AllBlank(text.substr(covered, chunk.start_byte - covered))) return place + "a gap before";
    if (AllBlank(body)) return place + "it is blank";
    if (Characters(body) > limits.maximum_characters) return place + "it is too large";
    if (!IsValidUtf8(body)) return place + "a character is cut";
    const bool at_line = chunk.start_byte <= 3 || text[chunk.start_byte - 1] == '\n';
    if (!at_line && !chunk.cut) return place + "a line is cut and not flagged";
    if (chunk.start_line != line_of(chunk.start_byte)) return place + "wrong first line";
    if (chunk.end_line != line_of(chunk.end_byte)) return place + "wrong last line";
    if (chunk.context.size() > kMaximumContextBytes) return place + "too much context";
    if (!IsValidUtf8(chunk.context)) return place + "context is not UTF-8";
    covered = chunk.end_byte;
  }
  return AllBlank(text.substr(covered)) ? "" : "the end is in no chunk";
}

}  // namespace coderank
