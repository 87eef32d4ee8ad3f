#include "ops/man_page.h"

#include "base/strings.h"
#include "coderank/version.h"
#include "ops/completions.h"

namespace coderank::ops {
namespace {

constexpr std::string_view kIntroduction = R"(.SH NAME
coderank \- code search that runs on a CPU: ask in words, get the code
.SH SYNOPSIS
.B coderank
.I COMMAND
.RI [ ARGUMENT .\|.\|.]
.br
.B coderank search
.I QUERY
.RI [ DIR .\|.\|.]
.SH DESCRIPTION
Finds the places in source trees that do what a sentence describes, or that define or use a name. A
tree is indexed when it is first searched; the index lies in its folder
.IR .coderank .
Nothing but this program and, for search by meaning, an installed model is needed.
.SH COMMANDS
)";
constexpr std::string_view kEnd = R"(.SH ENVIRONMENT
.TP
.BR CODERANK_MODEL ", " CODERANK_MODELS ", " CODERANK_INDEX ", " CODERANK_PRECISION
As the options
.BR \-\-model ", " \-\-models ", " \-\-index " and " \-\-precision .
.TP
.B HF_ENDPOINT
A mirror of the hub that models are downloaded from;
.B HF_TOKEN
is the token it asks for.
.SH FILES
.TP
.I .coderank
The index of a tree, in its root.
.TP
.I ~/.config/coderank/config.toml
Settings of the user;
.B coderank doctor
shows which are in force and where they come from.
.TP
.I ~/.local/share/coderank/models
Installed models.
.TP
.I ~/.local/state/coderank/server-token
The token that a running server asks for.
.SH EXIT STATUS
0 found or done, 1 nothing found, 2 error.
)";

// A text in the language: hyphens to copy, and no line that begins a request.
std::string Plain(std::string_view text) {
  std::string out = Replaced(Replaced(text, "\\", "\\e"), "-", "\\-");
  if (out.starts_with('.') || out.starts_with('\'')) out = "\\&" + out;
  return out;
}

// The same inside of the quotes of a request's argument.
std::string Argument(std::string_view text) { return Replaced(Plain(text), "\"", "\\(dq"); }

std::string Bold(std::string_view text) { return StrCat("\\fB", Plain(text), "\\fR"); }
std::string Italic(std::string_view text) { return StrCat("\\fI", Plain(text), "\\fR"); }

std::string Heading(const Operation& operation) {
  std::string text = StrCat("coderank ", operation.name);
  for (const Parameter& parameter : operation.parameters) {
    if (!parameter.positional) continue;
    const std::string dots = parameter.repeated ? "..." : "";
    text += parameter.required ? StrCat(" ", parameter.value_name)
                               : StrCat(" [", parameter.value_name, dots, "]");
  }
  return text;
}

std::string Entry(const Parameter& parameter) {
  std::string names;
  if (parameter.positional) {
    names = Italic(parameter.value_name);
  } else {
    for (const std::string& flag : FlagsOf(parameter)) {
      names += StrCat(names.empty() ? "" : ", ", Bold(flag));
    }
    if (!parameter.value_name.empty()) names += StrCat(" ", Italic(parameter.value_name));
  }
  std::string help = Plain(parameter.help);
  if (!parameter.choices.empty()) help += StrCat(": ", Plain(ChoicesOf(parameter)));
  if (!parameter.default_value.empty()) help += StrCat(" [", Plain(parameter.default_value), "]");
  if (parameter.repeated && !parameter.positional) help += "; may be repeated";
  return StrCat(".TP\n", names, "\n", help, "\n");
}

}  // namespace

std::string ManPage() {
  std::string text =
      StrCat(".TH CODERANK 1 \"\" \"coderank ", Version(), "\" \"User Commands\"\n", kIntroduction);
  for (const Operation& operation : Operations()) {
    text += StrCat(".SS \"", Argument(Heading(operation)), "\"\n", Plain(operation.summary), ".\n");
    if (!operation.details.empty()) text += StrCat(Plain(operation.details), "\n");
    for (const Parameter& parameter : operation.parameters) text += Entry(parameter);
  }
  return text + std::string(kEnd);
}

}  // namespace coderank::ops
