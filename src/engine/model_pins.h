// Trust on first use: the hash of every file that was ever downloaded, by repository, commit and
// path. A commit never changes, so a file of it with another hash is a forgery or a broken mirror.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank {

class ModelPins {
 public:
  // `file` is in the user's state folder; a missing one is empty.
  explicit ModelPins(std::filesystem::path file) : file_(std::move(file)) {}

  // The hashes by path of one commit of a repository, as far as they are known.
  using Hashes = std::map<std::string, std::string, std::less<>>;
  Result<Hashes> Of(std::string_view repository, std::string_view commit) const;
  // Adds hashes; those that are there already stay as they are.
  Status Record(std::string_view repository, std::string_view commit, const Hashes& hashes,
                const CancellationToken* cancel) const;

  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
};

}  // namespace coderank
