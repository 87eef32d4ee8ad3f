#include "migration/server_names.h"

#include <algorithm>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {

Result<ServerNames> ServerNames::Read(qdrant::Client& client) {
  ServerNames names;
  CODERANK_ASSIGN(names.collections, client.ListCollections());
  CODERANK_ASSIGN(names.aliases, client.ListAliases());
  return names;
}

bool ServerNames::HasCollection(const std::string& name) const {
  return std::binary_search(collections.begin(), collections.end(), name);
}

std::string ServerNames::Resolve(const std::string& name) const {
  if (HasCollection(name)) return name;
  const auto alias = aliases.find(name);
  return alias == aliases.end() ? std::string() : alias->second;
}

Status ServerNames::NoSuch(const std::string& name, const std::string& url) const {
  constexpr size_t kMostNamed = 10;
  std::string known;
  for (size_t i = 0; i < collections.size() && i < kMostNamed; ++i) {
    known += StrCat(i == 0 ? "; there are " : ", ", collections[i]);
  }
  if (collections.size() > kMostNamed) known += ", ...";
  return NotFound(
      StrCat(url, ": no collection \"", name, "\"", known.empty() ? "; there are none" : known));
}

}  // namespace coderank
