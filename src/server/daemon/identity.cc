#include "server/daemon/identity.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/sha256.h"
#include "base/strings.h"
#include "coderank/version.h"

namespace coderank::server {
namespace {

// Of requests and answers between the two; raised when either changes its meaning.
constexpr int kProtocol = 5;

bool DecidesAnswers(std::string_view variable) {
  constexpr std::array<std::string_view, 5> kNames = {
      "HOME=", "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME=", "XDG_STATE_HOME="};
  constexpr std::array<std::string_view, 3> kGroups = {"CODERANK_", "GIT_", "QDRANT_"};
  const auto begins = [variable](std::string_view with) { return variable.starts_with(with); };
  // Keys of services that compute vectors have names like OPENAI_API_KEY.
  const std::string_view name = variable.substr(0, variable.find('='));
  return name.ends_with("_API_KEY") || std::any_of(kNames.begin(), kNames.end(), begins) ||
         std::any_of(kGroups.begin(), kGroups.end(), begins);
}

// A relative path means another place in each process.
std::string Absolute(const std::filesystem::path& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path.native() : absolute.native();
}

std::vector<std::string> Environment() {
  std::vector<std::string> found;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (DecidesAnswers(*variable)) found.emplace_back(*variable);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::string IdentityOf(const EngineOptions& options) {
  Sha256 hash;
  // Each piece with its length, so that no two lists are the same text.
  const auto add = [&hash](std::string_view piece) {
    hash.Update(StrCat(piece.size(), ":"));
    hash.Update(piece);
  };
  add(StrCat(kProtocol));
  add(Version());
  add(options.model.value_or(""));
  add(options.models_folder ? Absolute(*options.models_folder) : "");
  add(options.index_folder ? Absolute(*options.index_folder) : "");
  add(options.precision.value_or(""));
  add(options.max_tokens ? StrCat(*options.max_tokens) : "");
  add(options.trust_index ? "trust" : "");
  for (const std::string& variable : Environment()) add(variable);
  for (const char* name : {"CODERANK_INDEX", "CODERANK_MODELS"}) {
    if (const char* value = std::getenv(name); value != nullptr) add(Absolute(value));
  }
  return ToHex(hash.Finish());
}

}  // namespace coderank::server
