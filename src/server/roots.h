// The folders that a caller may ask about, and what it calls them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "coderank/result.h"

namespace coderank::server {

class Roots {
 public:
  struct Root {
    std::string name;              // its last component, with a number where two are alike
    std::filesystem::path folder;  // canonical
  };

  // kNotFound names a folder that does not exist.
  static Result<Roots> Of(const std::vector<std::filesystem::path>& folders);

  // The folder or file that a caller means: "" and "." are the only root; "NAME" and "NAME/sub" a
  // root and what lies below it; with one root also "sub"; absolute paths as they are. Links are
  // followed, and what lies outside of all roots then is kPermissionDenied, whether or not it is
  // there. Messages name no folder of this machine but what the caller said.
  Result<std::filesystem::path> Resolve(const std::filesystem::path& given) const;

  // An absolute path below a root by the root's name; other paths as they are.
  std::string Named(const std::string& path) const;

  const std::vector<Root>& list() const { return roots_; }
  std::string Names() const;  // "a, b"

 private:
  Result<std::filesystem::path> Candidate(const std::filesystem::path& given) const;
  bool Contains(const std::filesystem::path& canonical) const;

  std::vector<Root> roots_;
};

}  // namespace coderank::server
