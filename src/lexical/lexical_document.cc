#include "lexical/lexical_document.h"

#include <algorithm>

#include "base/ascii.h"
#include "text/identifiers.h"

namespace coderank {
namespace {

// What follows the last separator of a qualified name: '.', ':', '#', '/', '\\', '~', ....
std::string_view Unqualified(std::string_view name) {
  const auto belongs = [](char c) {
    return IsAsciiAlnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  };
  const auto end = std::find_if(name.rbegin(), name.rend(), belongs);
  const auto begin = std::find_if_not(end, name.rend(), belongs);
  return name.substr(static_cast<size_t>(name.rend() - begin), static_cast<size_t>(begin - end));
}

struct PathParts {
  std::string_view folders;
  std::string_view stem;
};

// The extension is left out: "json" asks for code about JSON, not for every JSON file.
PathParts CutPath(std::string_view path) {
  const size_t slash = path.rfind('/');
  const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
  const size_t dot = name.rfind('.');
  const size_t stem = dot == name.npos || dot == 0 ? name.size() : dot;
  return {.folders = slash == path.npos ? std::string_view() : path.substr(0, slash),
          .stem = name.substr(0, stem)};
}

}  // namespace

std::string DefinitionTerm(std::string_view name) {
  const std::string joined = JoinIdentifier(Unqualified(name));
  return joined.empty() ? joined : "=" + joined;
}

void VisitTokens(
    const LexicalDocument& document,
    FunctionRef<void(LexicalField, std::string_view token, bool counts_length)> visit) {
  const auto tokens_of = [&](LexicalField field, std::string_view text) {
    Tokenize(text, [&](TokenKind, std::string_view token) { visit(field, token, true); });
  };
  std::string_view names = document.definitions;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(' '));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    const std::string term = DefinitionTerm(name);
    if (!term.empty()) visit(LexicalField::kDefinition, term, false);
  }
  tokens_of(LexicalField::kDefinition, document.definitions);
  tokens_of(LexicalField::kScope, document.scope);
  const PathParts path = CutPath(document.path);
  tokens_of(LexicalField::kStem, path.stem);
  tokens_of(LexicalField::kFolders, path.folders);
  tokens_of(LexicalField::kBody, document.body);
}

}  // namespace coderank
