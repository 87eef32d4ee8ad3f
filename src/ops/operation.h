// The operation table: each operation's arguments, limits and documentation, once, for every
// front end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank::ops {

enum class ParameterType { kText, kPath, kInteger, kFlag, kChoice };

// What a text has to look like.
enum class TextForm {
  kFree,
  kDuration,   // "800ms", "1.5s"
  kModelName,  // of an installed model, or empty
};

struct Parameter {
  std::string_view name;  // long name without dashes; the JSON field
  ParameterType type = ParameterType::kText;
  std::string_view help;
  char short_name = 0;
  bool positional = false;
  bool required = false;
  bool repeated = false;
  // For the command line only: where things lie, what the process may use, how it prints.
  bool local = false;
  std::string_view value_name = {};     // placeholder in help
  std::string_view default_value = {};  // shown in help and used when absent
  int64_t least = 0;                    // kInteger
  int64_t most = 0;
  std::span<const std::string_view> choices = {};  // kChoice
  TextForm form = TextForm::kFree;                 // kText
  // kText: what is taken, as a regular expression for descriptions; empty: everything but NUL.
  std::string_view pattern = {};
};

// Milliseconds, to 24 hours; nothing where the text is no such duration.
std::optional<double> ParseDuration(std::string_view text);

struct Operation {
  std::string_view name;     // "search", "model add"
  std::string_view summary;  // one line
  std::string_view details;  // what a reader of the help wants to know beyond the summary
  std::vector<Parameter> parameters;

  const Parameter* Find(std::string_view parameter_name) const;
};

std::span<const Operation> Operations();
const Operation* FindOperation(std::string_view name);

// How names of parameters are written: "max-tokens", or max_tokens in JSON and URLs.
enum class Spelling { kCommandLine, kJson };
std::string Spelled(std::string_view name, Spelling spelling);

// Checked arguments of one call. Absent parameters have their default.
class Arguments {
 public:
  // Precondition of all: the operation has such a parameter of that type.
  const std::string& Text(std::string_view name) const;
  const std::vector<std::string>& List(std::string_view name) const;
  int64_t Integer(std::string_view name) const;
  bool Flag(std::string_view name) const;
  bool Has(std::string_view name) const;  // given by the caller

 private:
  friend Result<Arguments> CheckArguments(
      const Operation& operation, const std::map<std::string, std::vector<std::string>>& given,
      Spelling spelling);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, bool, std::less<>> given_;
};

// `given`: values by parameter name; a flag's value is "true" or "false". kInvalidArgument names
// the parameter, what was expected and what was found; unknown parameters are refused with the
// list of known ones. `spelling` is of the messages.
Result<Arguments> CheckArguments(const Operation& operation,
                                 const std::map<std::string, std::vector<std::string>>& given,
                                 Spelling spelling = Spelling::kCommandLine);

// The error for an argument that the operation does not have, with the nearest one.
Status UnknownArgument(const Operation& operation, std::string_view name, Spelling spelling);

}  // namespace coderank::ops
