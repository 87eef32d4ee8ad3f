#include "base/user_folders.h"

#include <cstdlib>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

Result<std::filesystem::path> Folder(const char* variable, std::string_view below_home) {
  // The specification tells to ignore relative values.
  const std::filesystem::path set(Environment(variable));
  if (set.is_absolute()) return set / "coderank";
  const std::filesystem::path home(Environment("HOME"));
  if (home.is_absolute()) return home / below_home / "coderank";
  return FailedPrecondition(
      StrCat("HOME: expected an absolute path, found \"", home, "\"; set HOME or ", variable));
}

}  // namespace

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

Result<UserFolders> FindUserFolders() {
  UserFolders folders;
  CODERANK_ASSIGN(folders.config, Folder("XDG_CONFIG_HOME", ".config"));
  CODERANK_ASSIGN(folders.data, Folder("XDG_DATA_HOME", ".local/share"));
  CODERANK_ASSIGN(folders.cache, Folder("XDG_CACHE_HOME", ".cache"));
  CODERANK_ASSIGN(folders.state, Folder("XDG_STATE_HOME", ".local/state"));
  return folders;
}

}  // namespace coderank
