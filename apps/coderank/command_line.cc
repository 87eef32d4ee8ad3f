#include "command_line.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"

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

// "model add" becomes the command "add" below the command "model".
CLI::App* AddCommand(CLI::App& app, const Operation& operation, Groups& groups) {
  const std::string name(operation.name);
  const std::string summary(operation.summary);
  const size_t space = name.find(' ');
  if (space == std::string::npos) return app.add_subcommand(name, summary);
  const std::string group = name.substr(0, space);
  CLI::App*& parent = groups[group];
  if (parent == nullptr) {
    parent = app.add_subcommand(group, StrCat("Commands on ", group, "s"));
    parent->require_subcommand(1);
  }
  return parent->add_subcommand(name.substr(space + 1), summary);
}

Result<ops::Arguments> Check(const Operation& operation, Collected& collected) {
  std::map<std::string, std::vector<std::string>> given;
  for (auto& [name, values] : collected.values) {
    if (!values.empty()) given[name] = std::move(values);
  }
  for (const auto& [name, set] : collected.flags) {
    if (set) given[name] = {"true"};
  }
  return ops::CheckArguments(operation, given);
}

std::string Version() { return StrCat("coderank ", coderank::Version()); }

}  // namespace

Result<ParsedCommandLine> ParseCommandLine(int argc, char** argv) {
  CLI::App app("Code search that runs on a CPU: ask in words, get the code.", "coderank");
  app.set_version_flag("--version", Version());
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
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return ParsedCommandLine{.invocation = {}, .text = app.help()};
  } catch (const CLI::CallForVersion&) {
    return ParsedCommandLine{.invocation = {}, .text = Version() + "\n"};
  } catch (const CLI::ParseError& error) {
    return InvalidArgument(StrCat(error.what(), "; see `coderank --help`"));
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!commands[i].first->parsed()) continue;
    const Operation& operation = *commands[i].second;
    CODERANK_ASSIGN(ops::Arguments arguments, Check(operation, *collected[i]));
    return ParsedCommandLine{
        .invocation = Invocation{.operation = &operation, .arguments = std::move(arguments)},
        .text = {}};
  }
  return InvalidArgument("no command given; see `coderank --help`");
}

}  // namespace coderank::cli
