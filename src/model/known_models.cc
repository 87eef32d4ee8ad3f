#include "model/known_models.h"

#include <string>

#include "base/ascii.h"

namespace coderank {
namespace {

// None of them has a prompt for documents.
constexpr KnownPrompt kKnownModels[] = {
    {"coderankembed", "Represent this query for searching relevant code: "},
    {"swerankembedsmall", "Represent this query for searching relevant code: "},
    {"nomicembedcode", "Represent this query for searching relevant code: "},
    {"arcticembedmlong", "Represent this sentence for searching relevant passages: "},
};

std::string LettersAndDigits(std::string_view name) {
  std::string kept;
  for (const char c : name) {
    if (IsAsciiAlnum(c)) kept += AsciiLower(c);
  }
  return kept;
}

}  // namespace

const KnownPrompt* FindKnownPrompt(std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string kept = LettersAndDigits(name);
    for (const KnownPrompt& model : kKnownModels) {
      if (kept.find(model.pattern) != std::string::npos) return &model;
    }
  }
  return nullptr;
}

}  // namespace coderank
