// What people call the place of a result.
#ifndef CODERANK_OPS_QUALIFIED_NAME_H_
#define CODERANK_OPS_QUALIFIED_NAME_H_

#include <string>

#include "coderank/search.h"

namespace coderank::ops {

// "Scope.symbol"; the scope alone for a part of what it names, as a long body is cut into several.
// Empty where nothing is known.
std::string QualifiedName(const SearchResult& result);

}  // namespace coderank::ops

#endif  // CODERANK_OPS_QUALIFIED_NAME_H_
