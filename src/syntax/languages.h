// The languages that are cut by syntax: one record each, and one query file in queries/.
#pragma once

#include <array>
#include <span>
#include <string_view>

extern "C" {
struct TSLanguage;
}

namespace coderank {

struct Grammar {
  const TSLanguage* (*language)() = nullptr;
  std::string_view query;  // text of the query file
};

struct Language {
  std::string_view name;  // as DetectLanguage says
  Grammar grammar;
  // Tried when the first finds the text in error: OCaml's interfaces have another grammar.
  Grammar second = {};
  // What separates the parts of a qualified name: the last is the name, the others its scope.
  std::string_view separators = {};
  // Parts of a scope that say nothing: `exports.f` is `f`.
  std::span<const std::string_view> silent = {};
  bool prose = false;  // names are headings, with links and emphasis in them
};

// Null when the language has no grammar.
const Language* FindLanguage(std::string_view name);
std::span<const Language> AllLanguages();

}  // namespace coderank
