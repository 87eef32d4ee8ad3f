#include "base/hex.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

TEST(HexTest, DigestsComeBack) {
  const Sha256Digest digest = Sha256Of("coderank");
  EXPECT_EQ(DigestFromHex(ToHex(digest)), digest);
}

TEST(HexTest, WhatIsNoDigestIsRefused) {
  const std::string digits(64, 'a');
  EXPECT_TRUE(DigestFromHex(digits));
  EXPECT_FALSE(DigestFromHex(""));
  EXPECT_FALSE(DigestFromHex(digits + "a"));
  EXPECT_FALSE(DigestFromHex(digits.substr(1)));
  for (const char c : {'A', 'g', '/', ':', '`', ' ', '\0'}) {
    EXPECT_FALSE(DigestFromHex(digits.substr(1) + c)) << c;
  }
}

}  // namespace
}  // namespace coderank
