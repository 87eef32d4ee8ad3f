#include "coderank/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

TEST(VersionTest, IsThreeNumbersAndPerhapsACommit) {
  EXPECT_THAT(std::string(Version()),
              ::testing::ContainsRegex("^[0-9]+\\.[0-9]+\\.[0-9]+(\\+[0-9a-f]{7,40})?$"));
}

}  // namespace
}  // namespace coderank
