// OutlineBuilder: parses a text with its language's grammar and asks the language's query what is
// defined in it. For the worker process: grammars are generated C with hand-written scanners.
#pragma once

#include <map>
#include <memory>
#include <string_view>

#include "coderank/result.h"
#include "syntax/languages.h"
#include "syntax/outline.h"

namespace coderank {

class OutlineQuery;

// Keeps its parser and compiled queries. Not thread-safe.
class OutlineBuilder {
 public:
  OutlineBuilder();
  ~OutlineBuilder();
  OutlineBuilder(const OutlineBuilder&) = delete;
  OutlineBuilder& operator=(const OutlineBuilder&) = delete;

  // An error says why the text has no usable outline. What is found depends on nothing but the
  // arguments: the work is bounded by steps of the parser, not by time.
  Result<Outline> Build(const Language& language, std::string_view text);

 private:
  struct Parser;

  Result<const OutlineQuery*> QueryOf(const Grammar& grammar);
  Result<Outline> BuildWith(const Language& language, const Grammar& grammar,
                            std::string_view text);

  std::unique_ptr<Parser> parser_;
  std::map<const Grammar*, std::unique_ptr<OutlineQuery>> queries_;
};

}  // namespace coderank
