#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace coderank {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"search", "status", "serve",
                                                    "python", "json",   "go"};

TEST(NearestName, FindsSlipsOfTheHand) {
  EXPECT_EQ(NearestName("serach", kNames), "search");  // exchanged
  EXPECT_EQ(NearestName("serch", kNames), "search");   // left out
  EXPECT_EQ(NearestName("pythom", kNames), "python");  // replaced
  EXPECT_EQ(NearestName("jsonn", kNames), "json");     // doubled
  EXPECT_EQ(NearestName("jsn", kNames), "json");
  EXPECT_EQ(NearestName("search", kNames), "search");
}

TEST(NearestName, OtherWordsAreNoSlips) {
  EXPECT_EQ(NearestName("cobol", kNames), "");
  EXPECT_EQ(NearestName("", kNames), "");
  EXPECT_EQ(NearestName("gp", kNames), "");  // half of the name differs
  EXPECT_EQ(NearestName("statistics", kNames), "");
  EXPECT_EQ(NearestName(std::string(1 << 20, 's'), kNames), "");
  EXPECT_EQ(NearestName("search", {}), "");
}

TEST(NearestName, OfEquallyNearOnesTheFirst) {
  constexpr std::array<std::string_view, 2> kAlike = {"add", "and"};
  EXPECT_EQ(NearestName("aed", kAlike), "add");
}

}  // namespace
}  // namespace coderank
