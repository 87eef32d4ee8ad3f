#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"
#include "suggestions.h"

namespace coderank::cli {
namespace {

using ops::Operation;
using ops::Parameter;
using ops::ParameterType;

// What CLI11 writes into while it parses; checked afterwards by the table.
struct Collected {
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
};

constexpr std::string_view kProgram = "coderank";
constexpr size_t kHelpColumns = 80;

// Breaks lines between words so that none is longer than the help is wide.
std::string Wrapped(std::string_view text) {
  std::string out;
  size_t column = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const bool fits = column + 1 + end <= kHelpColumns;
    if (column > 0) out += fits ? ' ' : '\n';
    column = (column > 0 && fits ? column + 1 : 0) + end;
    out += text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

// Help in the words of the table: a positional is named by its placeholder, and the usage line
// says which ones may be left out.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    const std::string prefix = StrCat(kProgram, " ");
    const Operation* operation =
        name.starts_with(prefix) ? ops::FindOperation(name.substr(prefix.size())) : nullptr;
    if (operation == nullptr) return CLI::Formatter::make_usage(app, name);
    std::string usage = StrCat("Usage: ", name);
    for (const Parameter& parameter : operation->parameters) {
      if (!parameter.positional) continue;
      usage += parameter.required
                   ? StrCat(" ", parameter.value_name)
                   : StrCat(" [", parameter.value_name, parameter.repeated ? "..." : "", "]");
    }
    return usage + " [OPTIONS]\n";
  }
  std::string make_footer(const CLI::App* app) const override {
    return app->get_footer().empty() ? "" : Wrapped(app->get_footer());
  }
  std::string make_option_name(const CLI::Option* option, bool positional) const override {
    return positional ? option->get_type_name() : CLI::Formatter::make_option_name(option, false);
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_positional() ? "" : CLI::Formatter::make_option_opts(option);
  }
};

std::string OptionNames(const Parameter& parameter) {
  if (parameter.positional) return std::string(parameter.name);
  std::string names = StrCat("--", parameter.name);
  if (parameter.short_name != 0) names = StrCat("-", parameter.short_name, ",", names);
  return names;
}

std::string HelpText(const Parameter& parameter) {
  std::string help(parameter.help);
  if (!parameter.default_value.empty()) help += StrCat(" [", parameter.default_value, "]");
  if (!parameter.choices.empty()) {
    help += ":";
    for (const auto choice : parameter.choices) help += StrCat(" ", choice);
  }
  if (parameter.repeated && !parameter.positional) help += "; may be repeated";
  return help;
}

void AddParameter(CLI::App& command, const Parameter& parameter, Collected& collected) {
  const std::string name(parameter.name);
  const std::string help = HelpText(parameter);
  if (parameter.type == ParameterType::kFlag) {
    command.add_flag(OptionNames(parameter), collected.flags[name], help);
    return;
  }
  CLI::Option* option = command.add_option(OptionNames(parameter), collected.values[name], help);
  option->type_name(std::string(parameter.value_name));
  // An option takes one value each time it is given; only a positional takes all that follow.
  const bool takes_all = parameter.positional && parameter.repeated;
  option->expected(1, takes_all ? 1 << 10 : 1);
  if (!takes_all) option->allow_extra_args(false);
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

using Groups = std::map<std::string, CLI::App*>;

// "model add" becomes the command "add" below the command "model". "eval" is a command by itself
// and has "eval compare" below it; the table lists it first.
CLI::App* AddCommand(CLI::App& app, const Operation& operation, Groups& groups) {
  const std::string name(operation.name);
  const std::string summary(operation.summary);
  const size_t space = name.find(' ');
  if (space == std::string::npos) return groups[name] = app.add_subcommand(name, summary);
  const std::string group = name.substr(0, space);
  CLI::App*& parent = groups[group];
  if (parent == nullptr) {
    const std::string_view plural = group.ends_with('s') ? "" : group.ends_with("ch") ? "es" : "s";
    parent = app.add_subcommand(group, StrCat("Commands on ", group, plural));
    parent->require_subcommand(1);
  }
  return parent->add_subcommand(name.substr(space + 1), summary);
}

// What people try first, since other programs have it there. A folder may have such a name.
Status CheckMeant(const std::string& command, const std::string& word) {
  const bool is_copy = command == "index" && (word == "export" || word == "import");
  if (std::error_code error; !is_copy || std::filesystem::exists(word, error)) return OkStatus();
  return InvalidArgument(StrCat("\"index ", word, "\": unknown command; `coderank snapshot ", word,
                                " FILE [DIR]` ", word, "s an index"));
}

// The command that the words name, as far as they name one: "search", "model", "model add" or "".
// A first word that is no command is an error here, where the known ones can be told.
Result<std::string> NamedCommand(const std::vector<std::string>& words) {
  std::string command;
  for (const std::string& word : words) {
    if (word.starts_with('-')) break;
    CODERANK_TRY(CheckMeant(command, word));
    const std::string prefix = command.empty() ? "" : command + " ";
    const std::string longer = prefix + word;
    const bool known = std::ranges::any_of(ops::Operations(), [&](const Operation& operation) {
      return operation.name == longer || operation.name.starts_with(longer + " ");
    });
    if (!known && ops::FindOperation(command) != nullptr) break;
    if (!known) return UnknownCommand(prefix, word);
    command = longer;
  }
  return command;
}

// The words behind the program's name. `help COMMAND` and `version` are what many others have.
std::vector<std::string> WordsOf(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return words;
  if (words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  } else if (words.front() == "version" && words.size() == 1) {
    words.front() = "--version";
  }
  return words;
}

// What a parse error means for this command.
Status ParseFailure(const std::string& command, const std::vector<std::string>& words,
                    const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  const Operation* operation = ops::FindOperation(command);
  const bool extras = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (extras && operation != nullptr) {
    CODERANK_TRY(UnknownOption(*operation, words, app.remaining(/*recurse=*/true)));
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    message = StrCat(command.empty() ? "" : command + ": ", "expected a command");
  } else if (command == "search" && extras) {
    message += "; a question of several words has to be in quotes";
  }
  return InvalidArgument(
      StrCat(message, "; see `coderank ", command, command.empty() ? "" : " ", "--help`"));
}

Result<ops::Arguments> Check(const Operation& operation, Collected& collected) {
  std::map<std::string, std::vector<std::string>> given;
  for (auto& [name, values] : collected.values) {
    if (!values.empty()) given[name] = std::move(values);
  }
  for (const auto& [name, set] : collected.flags) {
    if (set) given[name] = {"true"};
  }
  auto checked = ops::CheckArguments(operation, given);
  if (checked) return checked;
  const Status error = InWordsOfTheCommandLine(operation, checked.error());
  return Status(error.code(),
                StrCat(error.message(), "; see `coderank ", operation.name, " --help`"));
}

std::string Version() { return StrCat("coderank ", coderank::Version()); }

}  // namespace

Status InWordsOfTheCommandLine(const Operation& operation, const Status& error) {
  const size_t colon = error.message().find(':');
  const Parameter* parameter = operation.Find(error.message().substr(0, colon));
  if (parameter == nullptr || colon == std::string::npos) return error;
  const std::string name =
      parameter->positional ? std::string(parameter->value_name) : StrCat("--", parameter->name);
  return {error.code(), StrCat(name, error.message().substr(colon))};
}

Result<ParsedCommandLine> ParseCommandLine(int argc, char** argv) {
  const std::vector<std::string> words = WordsOf(argc, argv);
  CODERANK_ASSIGN(const std::string named, NamedCommand(words));
  CLI::App app("Code search that runs on a CPU: ask in words, get the code.",
               std::string(kProgram));
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("-V,--version", Version());
  app.require_subcommand(1);
  app.footer("Exit status: 0 found or done, 1 nothing found, 2 error.");
  std::vector<std::pair<CLI::App*, const Operation*>> commands;
  std::vector<std::unique_ptr<Collected>> collected;
  Groups groups;
  for (const Operation& operation : ops::Operations()) {
    CLI::App* command = AddCommand(app, operation, groups);
    command->footer(std::string(operation.details));
    commands.emplace_back(command, &operation);
    collected.push_back(std::make_unique<Collected>());
    for (const Parameter& parameter : operation.parameters) {
      AddParameter(*command, parameter, *collected.back());
    }
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // as it wants them
  } catch (const CLI::CallForHelp&) {
    return ParsedCommandLine{.invocation = {}, .text = app.help()};
  } catch (const CLI::CallForVersion&) {
    return ParsedCommandLine{.invocation = {}, .text = Version() + "\n"};
  } catch (const CLI::ParseError& error) {
    return ParseFailure(named, words, app, error);
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!commands[i].first->parsed()) continue;
    if (!commands[i].first->get_subcommands().empty()) continue;  // "eval" of "eval compare"
    const Operation& operation = *commands[i].second;
    CODERANK_ASSIGN(ops::Arguments arguments, Check(operation, *collected[i]));
    return ParsedCommandLine{
        .invocation = Invocation{.operation = &operation, .arguments = std::move(arguments)},
        .text = {}};
  }
  return InvalidArgument("no command given; see `coderank --help`");
}

}  // namespace coderank::cli
