#include "base/strings.h"
#include "ops/completions.h"

namespace coderank::ops {
namespace {

constexpr std::string_view kBegin =
    "# Completion of coderank for fish, made by `coderank completions fish`.\n"
    "function __coderank_command --description 'The command that stands on the line so far'\n"
    "    set -l command\n"
    "    for word in (commandline -opc)[2..]\n"
    "        set -l longer (string trim -- \"$command $word\")\n"
    "        contains -- $longer ";
constexpr std::string_view kAt =
    "; or break\n"
    "        set command $longer\n"
    "    end\n"
    "    echo $command\n"
    "end\n"
    "function __coderank_at\n"
    "    test \"$argv\" = \"$(__coderank_command)\"\n"
    "end\n"
    "complete -c coderank -f\n"
    "complete -c coderank -l help -d 'show help'\n"
    "complete -c coderank -n '__coderank_at' -l version -d 'show the version'\n";

std::string Quoted(std::string_view text) {
  return StrCat("'", Replaced(Replaced(text, "\\", "\\\\"), "'", "\\'"), "'");
}

std::string At(const CommandPlace& place) {
  return StrCat("complete -c coderank -n ", Quoted(StrCat("__coderank_at ", place.name)));
}

std::string ValueOptions(const Parameter& parameter) {
  switch (ValueOf(parameter)) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kChoice:
      return StrCat(" -x -a ", Quoted(ChoicesOf(parameter)));
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kOther:
      break;
  }
  return " -x";
}

std::string LineOf(const CommandPlace& place, const Parameter& parameter) {
  if (parameter.positional) {
    if (parameter.type == ParameterType::kPath) return StrCat(At(place), " -F\n");
    if (parameter.choices.empty()) return "";
    return StrCat(At(place), " -a ", Quoted(ChoicesOf(parameter)), "\n");
  }
  std::string text = StrCat(At(place), " -l ", parameter.name);
  if (parameter.short_name != 0) text += StrCat(" -s ", std::string(1, parameter.short_name));
  return StrCat(text, ValueOptions(parameter), " -d ", Quoted(parameter.help), "\n");
}

}  // namespace

std::string FishCompletions() {
  const std::vector<CommandPlace> places = CommandPlaces();
  std::vector<std::string> known;
  for (const CommandPlace& place : places) {
    if (!place.name.empty()) known.push_back(Quoted(place.name));
  }
  std::string text = StrCat(kBegin, Joined(known, " "), kAt);
  for (const CommandPlace& place : places) {
    const std::string prefix = place.name.empty() ? "" : place.name + " ";
    for (const CommandPlace& next : places) {
      for (const std::string& word : place.next) {
        if (next.name != prefix + word) continue;
        text += StrCat(At(place), " -a ", word, " -d ", Quoted(next.summary), "\n");
      }
    }
    if (place.operation == nullptr) continue;
    for (const Parameter& parameter : place.operation->parameters) {
      text += LineOf(place, parameter);
    }
  }
  return text;
}

}  // namespace coderank::ops
