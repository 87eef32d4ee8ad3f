// Names as they stand in a text, split into name and scope.
#pragma once

#include <string>
#include <string_view>

#include "syntax/languages.h"

namespace coderank {

struct QualifiedName {
  std::string name;  // empty when nothing is left of it
  std::string scope;
};

// "A::B<T>::f" is "f" in "A.B"; quotes, brackets around a whole name and white space go away, and
// so do parts that the language calls silent. `text` is valid UTF-8; both results are at most
// kMaximumNameBytes long.
QualifiedName SplitName(std::string_view text, const Language& language);

}  // namespace coderank
