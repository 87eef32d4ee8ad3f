// What names mean on a server.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "coderank/result.h"
#include "qdrant/client.h"

namespace coderank {

struct ServerNames {
  std::vector<std::string> collections;        // sorted
  std::map<std::string, std::string> aliases;  // alias -> collection

  static Result<ServerNames> Read(qdrant::Client& client);

  bool HasCollection(const std::string& name) const;
  // The collection that a name leads to; "" where it leads nowhere.
  std::string Resolve(const std::string& name) const;
  // kNotFound with what there is.
  Status NoSuch(const std::string& name, const std::string& url) const;
};

}  // namespace coderank
