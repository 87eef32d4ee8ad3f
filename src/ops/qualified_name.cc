#include "ops/qualified_name.h"

#include "base/strings.h"

namespace coderank::ops {

std::string QualifiedName(const SearchResult& result) {
  if (result.scope.empty()) return result.symbol;
  if (result.symbol.empty()) return result.scope;
  return StrCat(result.scope, ".", result.symbol);
}

}  // namespace coderank::ops
