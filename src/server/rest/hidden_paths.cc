#include "server/rest/hidden_paths.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"

namespace coderank::server::rest {
namespace {

constexpr std::string_view kHidden = "[path]";

bool IsWordCharacter(char c) {
  return IsAsciiAlnum(c) || c == '_' || c == '-' || c == '.' || c == '~' ||
         static_cast<unsigned char>(c) >= 0x80;
}

void ReplaceAll(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), with);
    at += with.size();
  }
}

// Of the absolute path at `at`; 0 when there is none. A blank ends it: what is left over of a path
// with blanks below a folder of ours has lost its beginning.
size_t PathLength(std::string_view text, size_t at) {
  if (text[at] != '/' || (at > 0 && (IsWordCharacter(text[at - 1]) || text[at - 1] == '/'))) {
    return 0;
  }
  if (at + 1 == text.size() || !IsWordCharacter(text[at + 1])) return 0;
  size_t end = at;
  while (end < text.size() && (IsWordCharacter(text[end]) || text[end] == '/' || text[end] == '+' ||
                               text[end] == '@' || text[end] == '=')) {
    ++end;
  }
  while (end > at && text[end - 1] == '.') --end;  // of the sentence
  return end - at;
}

}  // namespace

std::string WithoutHostPaths(std::string_view message, const Roots& roots, std::string_view said) {
  std::string text(message);
  // The longest first: a folder may lie in another.
  std::vector<Roots::Root> list = roots.list();
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    return a.folder.native().size() > b.folder.native().size();
  });
  for (const Roots::Root& root : list) {
    const std::string& folder = root.folder.native();
    if (folder.size() > 1 && said.find(folder) == std::string_view::npos) {
      ReplaceAll(text, folder, root.name);
    }
  }
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = PathLength(text, at);
    const std::string_view path = std::string_view(text).substr(at, std::max<size_t>(length, 1));
    const bool theirs = length == 0 || said.find(path) != std::string_view::npos;
    out += theirs ? path : kHidden;
    at += path.size();
  }
  return out;
}

}  // namespace coderank::server::rest
