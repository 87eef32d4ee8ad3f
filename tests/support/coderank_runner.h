// The real program in a world of its own: a fresh HOME and a source tree.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace coderank::testing {

class CoderankRunner {
 public:
  // `program`: path of the coderank binary.
  explicit CoderankRunner(std::string program);

  // Runs `coderank ARGUMENTS...` in the tree.
  ProcessResult Run(std::vector<std::string> arguments, std::string input = {}) const;
  // The same, whose standard output is JSON; discarded JSON when it is not.
  nlohmann::json RunJson(std::vector<std::string> arguments) const;
  // The vectors that `coderank embed ARGUMENTS...` gives for the texts; a test failure where there
  // are fewer, and null in their place.
  std::vector<nlohmann::json> VectorsOf(const std::vector<std::string>& texts,
                                        std::vector<std::string> arguments = {}) const;
  pid_t Start(std::vector<std::string> arguments) const;

  // Writes a file below the tree.
  void Write(const std::filesystem::path& relative, std::string_view content) const {
    world_.Write("tree" / relative, content);
  }

  const std::filesystem::path& tree() const { return tree_; }
  const std::filesystem::path& world() const { return world_.path(); }
  std::map<std::string, std::string>& environment() { return environment_; }
  // Installs a tiny model; different seeds are different models.
  ProcessResult AddTinyModel(unsigned seed = 1, const std::string& name = "tiny") const;

 private:
  std::string program_;
  TempDir world_;
  std::filesystem::path tree_;
  std::map<std::string, std::string> environment_;
};

}  // namespace coderank::testing
