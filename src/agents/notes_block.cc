#include "agents/notes_block.h"

#include "base/strings.h"

namespace coderank::agents {
namespace {

constexpr std::string_view kBegin = "<!-- coderank: begin -->\n";
constexpr std::string_view kEnd = "<!-- coderank: end -->\n";

struct Extent {
  size_t begin = std::string_view::npos;
  size_t end = 0;
};

Extent Find(std::string_view text) {
  const size_t begin = text.find(kBegin);
  if (begin == std::string_view::npos) return {};
  const size_t end = text.find(kEnd, begin);
  if (end == std::string_view::npos) return {};
  return {.begin = begin, .end = end + kEnd.size()};
}

}  // namespace

std::string_view UsageNotes() {
  return "To find where something is done in a source tree, call the MCP tool `search_code` of\n"
         "coderank first, with a sentence or a name; then read the places that it gives. Use grep\n"
         "for every occurrence of an exact text.\n";
}

std::string WithBlock(std::string_view text, std::string_view lines) {
  const std::string block = StrCat(kBegin, lines, kEnd);
  std::string out(text);
  if (const Extent found = Find(text); found.begin != std::string_view::npos) {
    return out.replace(found.begin, found.end - found.begin, block);
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  if (!out.empty()) out += '\n';
  return out + block;
}

std::string WithoutBlock(std::string_view text) {
  std::string out(text);
  const Extent found = Find(text);
  if (found.begin == std::string_view::npos) return out;
  // With the blank line that parts it from what is before it.
  const bool parted = found.begin >= 2 && text.substr(found.begin - 2, 2) == "\n\n";
  const size_t begin = parted ? found.begin - 1 : found.begin;
  return out.erase(begin, found.end - begin);
}

}  // namespace coderank::agents
