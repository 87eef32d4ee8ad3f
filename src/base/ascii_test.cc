#include "base/ascii.h"

#include <gtest/gtest.h>

namespace coderank {
namespace {

TEST(AsciiTest, OnlyCapitalsBecomeSmall) {
  EXPECT_EQ(AsciiLower("AZaz09@[`{"), "azaz09@[`{") << "the neighbours of the letters stay";
  EXPECT_EQ(AsciiLower("\u00c4\xff"), "\u00c4\xff");
}

TEST(AsciiTest, EqualIgnoringCaseIsAboutLettersOnly) {
  EXPECT_TRUE(EqualIgnoringCase("Content-Type", "content-tYPE"));
  EXPECT_FALSE(EqualIgnoringCase("a", "ab"));
  EXPECT_FALSE(EqualIgnoringCase("@", "`")) << "a bit apart, like letters, but none";
}

TEST(AsciiTest, ClassesEndAtTheirLetters) {
  for (const char c : {'0', '9', 'A', 'Z', 'a', 'z'}) EXPECT_TRUE(IsAsciiAlnum(c)) << c;
  for (const char c : {'/', ':', '@', '[', '`', '{', '\xe4'}) EXPECT_FALSE(IsAsciiAlnum(c)) << c;
  EXPECT_FALSE(IsAsciiDigit('a'));
  EXPECT_FALSE(IsAsciiLetter('5'));
}

TEST(AsciiTest, BlanksAreTakenFromTheEndsAlone) {
  EXPECT_EQ(Trimmed(" \ta b\r\n"), "a b");
  EXPECT_EQ(Trimmed("\na ", " "), "\na");
  EXPECT_EQ(Trimmed(" \n"), "");
  EXPECT_EQ(Trimmed(""), "");
  EXPECT_TRUE(IsBlank(" \t\r\n"));
  EXPECT_TRUE(IsBlank(""));
  EXPECT_FALSE(IsBlank(" x"));
  EXPECT_TRUE(IsAsciiSpace('\v'));
  EXPECT_FALSE(IsAsciiSpace('\x0e'));
  EXPECT_FALSE(IsAsciiSpace('\xa0')) << "a space of Latin-1";
}

}  // namespace
}  // namespace coderank
