// Scripts by which shells complete the command line, made from the operation table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ops/operation.h"

namespace coderank::ops {

// `coderank completions SHELL` prints these.
std::string BashCompletions();
std::string ZshCompletions();
std::string FishCompletions();

// --- For the three.

// A place of the command line: "" (nothing but the program), "model" or "model add".
struct CommandPlace {
  std::string name;
  std::string_view summary;
  const Operation* operation = nullptr;  // null where a further word has to follow
  std::vector<std::string> next;         // words that may follow, in the order of the table
};
// The program itself first; whatever has words below it before those.
std::vector<CommandPlace> CommandPlaces();

// What may stand behind an option, or as a positional.
enum class ValueKind { kNone, kChoice, kFile, kOther };
ValueKind ValueOf(const Parameter& parameter);

// "hybrid semantic lexical".
std::string Joined(const std::vector<std::string>& words, std::string_view between);
std::string ChoicesOf(const Parameter& parameter);
// {"--limit", "-k"}.
std::vector<std::string> FlagsOf(const Parameter& parameter);
// Each `from` becomes `to`.
std::string Replaced(std::string_view text, std::string_view from, std::string_view to);

}  // namespace coderank::ops
