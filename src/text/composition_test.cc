#include "text/composition.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

TEST(ComposeTextTest, PlainTextIsLeftAlone) {
  EXPECT_TRUE(IsSurelyComposed("int main() {}"));
  EXPECT_TRUE(IsSurelyComposed("na\u00efve \u02ff"));
  EXPECT_FALSE(IsSurelyComposed("e\u0301"));
  EXPECT_EQ(ComposeText("na\u00efve"), "na\u00efve");
  EXPECT_EQ(ComposeText(""), "");
}

TEST(ComposeTextTest, PairsCompose) {
  EXPECT_EQ(ComposeText("e\u0301x"), "\u00e9x");
  EXPECT_EQ(ComposeText("S\u0323\u0307"), "\u1e68");       // two marks
  EXPECT_EQ(ComposeText("S\u0307\u0323"), "\u1e68");       // in the wrong order
  EXPECT_EQ(ComposeText("\u1e0b\u0323"), "\u1e0d\u0307");  // recomposed another way
  EXPECT_EQ(ComposeText("\u212b"), "\u00c5");              // a single character of two spellings
  EXPECT_EQ(ComposeText("\u0915\u093c"), "\u0915\u093c");  // excluded from composition
  EXPECT_EQ(ComposeText("\u0958"), "\u0915\u093c");        // its other form does not come back
}

TEST(ComposeTextTest, MarksBetweenKeepPairsApart) {
  // Two marks of one class: only the first joins the letter.
  EXPECT_EQ(ComposeText("a\u0301\u0301"), "\u00e1\u0301");
  EXPECT_EQ(ComposeText("a\u0315\u0301"), "\u00e1\u0315");  // another class does not block
  EXPECT_EQ(ComposeText("\u0301e"), "\u0301e");             // nothing before it
  EXPECT_EQ(ComposeText("ax\u0301"), "ax\u0301");
}

TEST(ComposeTextTest, HangulComposes) {
  EXPECT_EQ(ComposeText("\u1100\u1161"), "\uac00");
  EXPECT_EQ(ComposeText("\u1100\u1161\u11a8"), "\uac01");
  EXPECT_EQ(ComposeText("\uac00\u11a8\u11a8"), "\uac01\u11a8");
  EXPECT_EQ(ComposeText("\u1100\u11a8"), "\u1100\u11a8");
}

TEST(ComposeTextTest, StarterPairsComposeOnlySideBySide) {
  EXPECT_EQ(ComposeText("\u09c7\u09be"), "\u09cb");
  EXPECT_EQ(ComposeText("\u09c7\u0323\u09be"), "\u09c7\u0323\u09be");
}

}  // namespace
}  // namespace coderank
