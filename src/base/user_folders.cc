#include "base/user_folders.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

// Services and containers start programs without HOME.
std::filesystem::path Home() {
  const std::filesystem::path set(Environment("HOME"));
  if (!set.empty()) return set;
  std::array<char, size_t{16} << 10> text;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, text.data(), text.size(), &found) != 0) return {};
  return found == nullptr || found->pw_dir == nullptr ? "" : found->pw_dir;
}

Result<std::filesystem::path> Folder(const char* variable, std::string_view below_home) {
  // The specification tells to ignore relative values.
  const std::filesystem::path set(Environment(variable));
  if (set.is_absolute()) return set / "coderank";
  const std::filesystem::path home = Home();
  if (home.is_absolute()) return home / below_home / "coderank";
  return FailedPrecondition(
      StrCat("HOME: expected an absolute path, found \"", Environment("HOME"),
             "\", and this user's entry of the password file names none; set HOME"));
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
