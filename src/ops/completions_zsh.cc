// A function for each place of the command line, by the shell's own _arguments and _describe.
#include "base/strings.h"
#include "ops/completions.h"

namespace coderank::ops {
namespace {

constexpr std::string_view kBegin =
    "#compdef coderank\n# Completion of coderank for zsh, made by `coderank completions zsh`.\n";
constexpr std::string_view kEnd = R"(
if [ "$funcstack[1]" = "_coderank" ]; then
  _coderank "$@"
else
  compdef _coderank coderank
fi
)";

std::string FunctionOf(std::string_view name) {
  return StrCat("_coderank", name.empty() ? "" : "_", Replaced(name, " ", "_"));
}

// Inside of single quotes.
std::string Quoted(std::string_view text) { return Replaced(text, "'", "'\\''"); }

// Inside of "[...]" of a specification, too.
std::string Explained(std::string_view help) {
  const std::string escaped =
      Replaced(Replaced(Replaced(help, "\\", "\\\\"), "[", "\\["), "]", "\\]");
  return Quoted(Replaced(escaped, ":", "\\:"));
}

std::string Action(const Parameter& parameter) {
  switch (ValueOf(parameter)) {
    case ValueKind::kChoice:
      return StrCat("(", ChoicesOf(parameter), ")");
    case ValueKind::kFile:
      return "_files";
    case ValueKind::kNone:
    case ValueKind::kOther:
      break;
  }
  return "";
}

std::string Specification(const Parameter& parameter) {
  const std::string value = StrCat(":", Explained(parameter.value_name), ":", Action(parameter));
  if (parameter.positional) {
    return StrCat(" \\\n    '",
                  parameter.repeated   ? "*"
                  : parameter.required ? ""
                                       : ":",
                  value, "'");
  }
  std::string text;
  for (const std::string& flag : FlagsOf(parameter)) {
    text +=
        StrCat(" \\\n    '", parameter.repeated ? "*" : "", flag, "[", Explained(parameter.help),
               "]", ValueOf(parameter) == ValueKind::kNone ? "" : value, "'");
  }
  return text;
}

// "eval compare" beside "eval DATASET": the word decides.
std::string Deeper(const CommandPlace& place) {
  std::string cases;
  for (const std::string& word : place.next) {
    cases += StrCat("  if [[ CURRENT -gt 2 && $words[2] == ", word, " ]]; then\n",
                    "    shift words; (( CURRENT-- ))\n    ",
                    FunctionOf(StrCat(place.name, " ", word)), "\n    return\n  fi\n");
  }
  return cases;
}

std::string ArgumentsOf(const CommandPlace& place) {
  std::string text = StrCat(Deeper(place), "  _arguments '--help[show help]'");
  for (const Parameter& parameter : place.operation->parameters) text += Specification(parameter);
  return text + "\n";
}

// A place with words below it: completes one, or goes on in its function.
std::string Below(const CommandPlace& place, const std::vector<CommandPlace>& all) {
  const std::string prefix = place.name.empty() ? "" : place.name + " ";
  std::string described;
  std::string cases;
  for (const std::string& word : place.next) {
    for (const CommandPlace& next : all) {
      if (next.name != prefix + word) continue;
      described += StrCat("\n    '", word, ":", Explained(next.summary), "'");
      cases += StrCat("    ", word, ") ", FunctionOf(next.name), " ;;\n");
    }
  }
  return StrCat("  local state line\n  local -a commands=(", described,
                "\n  )\n  _arguments -C '--help[show help]'",
                place.name.empty() ? " '--version[show the version]'" : "",
                " '1:command:->command' '*::argument:->argument'\n",
                "  case $state in\n  command) _describe command commands ;;\n",
                "  argument) case $words[1] in\n", cases, "    esac ;;\n  esac\n");
}

}  // namespace

std::string ZshCompletions() {
  const std::vector<CommandPlace> places = CommandPlaces();
  std::string text(kBegin);
  for (const CommandPlace& place : places) {
    text += StrCat("\n", FunctionOf(place.name), "() {\n",
                   place.operation != nullptr ? ArgumentsOf(place) : Below(place, places), "}\n");
  }
  return text + std::string(kEnd);
}

}  // namespace coderank::ops
