// Needs nothing of the package bash-completion. Where files fit, the shell's own completion is left
// to do it.
#include "base/strings.h"
#include "ops/completions.h"

namespace coderank::ops {
namespace {

constexpr std::string_view kBegin =
    R"(# Completion of coderank for bash, made by `coderank completions bash`.
_coderank() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}" command="" word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
)";
constexpr std::string_view kCommandKnown = R"() command="${command:+$command }$word" ;;
      *) break ;;
    esac
  done
  case "$command" in
)";
constexpr std::string_view kEnd = R"(  esac
}
complete -o default -F _coderank coderank
)";

// Offers words; where none fits, nothing, or files.
std::string Offer(std::string_view words, bool or_files = false) {
  return StrCat(or_files ? "" : "compopt +o default; ", "COMPREPLY=($(compgen -W \"", words,
                "\" -- \"$current\"))");
}

bool TakesFiles(const Operation& operation) {
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.positional && ValueOf(parameter) == ValueKind::kFile) return true;
  }
  return false;
}

std::string ValueCases(const Operation& operation) {
  std::string cases;
  for (const Parameter& parameter : operation.parameters) {
    const ValueKind kind = ValueOf(parameter);
    if (parameter.positional || kind == ValueKind::kNone) continue;
    cases += StrCat("        ", Joined(FlagsOf(parameter), " | "), ") ",
                    kind == ValueKind::kFile ? "COMPREPLY=()" : Offer(ChoicesOf(parameter)),
                    "; return ;;\n");
  }
  return cases;
}

// Words of the positionals and of deeper commands.
std::string WordsOf(const CommandPlace& place) {
  std::string words = Joined(place.next, " ");
  if (place.operation == nullptr) return words;
  for (const Parameter& parameter : place.operation->parameters) {
    if (!parameter.positional || parameter.choices.empty()) continue;
    words += StrCat(words.empty() ? "" : " ", ChoicesOf(parameter));
  }
  return words;
}

std::string FlagWords(const CommandPlace& place) {
  std::string words = "--help";
  if (place.name.empty()) words += " --version";
  if (place.operation == nullptr) return words;
  for (const Parameter& parameter : place.operation->parameters) {
    if (!parameter.positional) words += StrCat(" ", Joined(FlagsOf(parameter), " "));
  }
  return words;
}

std::string Place(const CommandPlace& place) {
  std::string text = StrCat("    \"", place.name, "\")\n");
  const std::string values = place.operation == nullptr ? "" : ValueCases(*place.operation);
  if (!values.empty()) text += StrCat("      case \"$previous\" in\n", values, "      esac\n");
  text += StrCat("      case \"$current\" in\n        -*) ", Offer(FlagWords(place)), " ;;\n");
  const std::string words = WordsOf(place);
  const bool or_files = place.operation != nullptr && TakesFiles(*place.operation);
  if (!words.empty()) text += StrCat("        *) ", Offer(words, or_files), " ;;\n");
  return text + "      esac\n      ;;\n";
}

}  // namespace

std::string BashCompletions() {
  std::string text(kBegin);
  std::vector<std::string> known;
  for (const CommandPlace& place : CommandPlaces()) {
    if (place.name.empty()) continue;
    const bool is_deeper = place.name.find(' ') != std::string::npos;
    known.push_back(StrCat("\"", is_deeper ? "" : " ", place.name, "\""));
  }
  text += StrCat("      ", Joined(known, " | "), kCommandKnown);
  for (const CommandPlace& place : CommandPlaces()) text += Place(place);
  return text + std::string(kEnd);
}

}  // namespace coderank::ops
