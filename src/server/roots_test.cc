#include "server/roots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace coderank::server {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class RootsTest : public ::testing::Test {
 protected:
  RootsTest() : base_(fs::canonical(dir_.path())) {
    dir_.Write("one/sub/a.cc", "a");
    dir_.Write("two/b.cc", "b");
    dir_.Write("three/one/c.cc", "c");
    dir_.Write("secret/d.cc", "d");
  }
  Roots Of(const std::vector<fs::path>& folders) const {
    std::vector<fs::path> absolute;
    for (const fs::path& folder : folders) absolute.push_back(base_ / folder);
    return *Roots::Of(absolute);
  }

  testing::TempDir dir_;
  fs::path base_;
};

TEST_F(RootsTest, OneRootNeedsNoName) {
  const Roots roots = Of({"one"});
  for (const char* given : {"", ".", "one", "./", "one/sub/.."}) {
    EXPECT_EQ(*roots.Resolve(given), base_ / "one") << given;
  }
  for (const char* given : {"sub", "one/sub", "./sub", "sub/../sub"}) {
    EXPECT_EQ(*roots.Resolve(given), base_ / "one/sub") << given;
  }
  EXPECT_EQ(*roots.Resolve(base_ / "one/sub"), base_ / "one/sub");
  EXPECT_EQ(*roots.Resolve("sub/a.cc"), base_ / "one/sub/a.cc");
}

TEST_F(RootsTest, SeveralRootsAreNamed) {
  const Roots roots = Of({"one", "two", "three/one"});
  EXPECT_EQ(roots.Names(), "one, two, one-2");
  EXPECT_EQ(*roots.Resolve("two"), base_ / "two");
  EXPECT_EQ(*roots.Resolve("one-2/c.cc"), base_ / "three/one/c.cc");
  EXPECT_EQ(roots.Resolve("").error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(roots.Resolve("sub").error().code(), StatusCode::kNotFound);
}

TEST_F(RootsTest, FolderOfTheRootsOwnName) {
  EXPECT_EQ(*Of({"three"}).Resolve("one"), base_ / "three/one");
  dir_.Write("two/two/e.cc", "e");
  EXPECT_EQ(*Of({"two"}).Resolve("two"), base_ / "two/two");
}

TEST_F(RootsTest, NothingOutsideIsResolved) {
  const Roots roots = Of({"one"});
  fs::create_symlink(base_ / "secret", base_ / "one/link");
  fs::create_symlink(base_ / "secret/d.cc", base_ / "one/file");
  for (const fs::path& given :
       {fs::path(".."), fs::path("../secret"), fs::path("one/../../secret"), fs::path("link"),
        fs::path("link/d.cc"), fs::path("file"), fs::path("/"), base_ / "secret", base_,
        base_ / "one/../secret", base_ / "onex", fs::path("../none")}) {
    const auto resolved = roots.Resolve(given);
    ASSERT_FALSE(resolved) << given;
    EXPECT_EQ(resolved.error().code(), StatusCode::kPermissionDenied) << given;
  }
  EXPECT_THAT(roots.Resolve("../secret").error().message(), Not(HasSubstr(base_.native())));
}

TEST_F(RootsTest, WhatIsMissingBelowIsSaid) {
  EXPECT_EQ(Of({"one"}).Resolve("none").error().code(), StatusCode::kNotFound);
  EXPECT_EQ(Roots::Of({base_ / "none"}).error().code(), StatusCode::kNotFound);
  EXPECT_EQ(Roots::Of({base_ / "two/b.cc"}).error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace coderank::server
