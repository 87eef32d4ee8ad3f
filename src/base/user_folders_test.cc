#include "base/user_folders.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace coderank {
namespace {

// Unsets the variables that say where a user's files lie, and sets them again at the end.
class UserFoldersTest : public ::testing::Test {
 protected:
  UserFoldersTest() {
    for (const char* name :
         {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}) {
      const char* value = std::getenv(name);
      if (value != nullptr) before_[name] = value;
      ::unsetenv(name);
    }
  }
  ~UserFoldersTest() override {
    ::unsetenv("HOME");
    ::unsetenv("XDG_DATA_HOME");
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  std::map<std::string, std::string> before_;
};

TEST_F(UserFoldersTest, VariablesComeBeforeHome) {
  ::setenv("HOME", "/somewhere", 1);
  ::setenv("XDG_DATA_HOME", "/data", 1);
  const auto folders = FindUserFolders();
  ASSERT_TRUE(folders);
  EXPECT_EQ(folders->data, "/data/coderank");
  EXPECT_EQ(folders->config, "/somewhere/.config/coderank");
  ::setenv("XDG_DATA_HOME", "relative", 1);
  EXPECT_EQ(FindUserFolders()->data, "/somewhere/.local/share/coderank");
}

TEST_F(UserFoldersTest, WithoutHomeThePasswordFileIsAsked) {
  const passwd* entry = ::getpwuid(::geteuid());
  if (entry == nullptr) GTEST_SKIP() << "this user has no entry";
  const auto folders = FindUserFolders();
  ASSERT_TRUE(folders) << folders.error().message();
  EXPECT_EQ(folders->state, std::filesystem::path(entry->pw_dir) / ".local/state/coderank");
}

TEST_F(UserFoldersTest, RelativeHomeIsRefused) {
  ::setenv("HOME", "here", 1);
  ASSERT_FALSE(FindUserFolders());
  EXPECT_NE(FindUserFolders().error().message().find("\"here\""), std::string::npos);
}

}  // namespace
}  // namespace coderank
