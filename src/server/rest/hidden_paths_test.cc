#include "server/rest/hidden_paths.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace coderank::server::rest {
namespace {

namespace fs = std::filesystem;

TEST(HiddenPathsTest, PathsOfTheHostAreTakenOut) {
  const testing::TempDir dir;
  dir.Write("my tree/a.cc", "a");
  const fs::path root = fs::canonical(dir.path()) / "my tree";
  const Roots roots = *Roots::Of({root});
  const auto hidden = [&](const std::string& message, const std::string& said = {}) {
    return WithoutHostPaths(message, roots, said);
  };
  EXPECT_EQ(hidden(root.native() + "/.coderank: is not ours"), "my tree/.coderank: is not ours");
  EXPECT_EQ(hidden("no model in /home/me/.local/share/x; see `ls /usr/lib`."),
            "no model in [path]; see `ls [path]`.");
  EXPECT_EQ(hidden("\"/etc/passwd\": cannot be read"), "\"[path]\": cannot be read");
  EXPECT_EQ(hidden("/a b"), "[path] b");
  EXPECT_EQ(hidden("and/or 3/4 http://host/x a//b"), "and/or 3/4 http://host/x a//b");
  EXPECT_EQ(hidden("/etc/x: outside", "{\"directory\":\"/etc/x\"}"), "/etc/x: outside")
      << "the caller's own words";
}

}  // namespace
}  // namespace coderank::server::rest
