#include "text/utf8.h"

#include <gtest/gtest.h>

namespace coderank {
namespace {

TEST(Utf8Test, EveryScalarValueRoundTrips) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    AppendUtf8(c, text);
    const DecodedCodePoint decoded = DecodeUtf8(text);
    ASSERT_TRUE(decoded.valid) << static_cast<unsigned>(c);
    ASSERT_EQ(decoded.code_point, c);
    ASSERT_EQ(decoded.length, text.size());
  }
}

// Expected values: Python 3's bytes.decode("utf-8", "replace").
TEST(Utf8Test, IllFormedPartsBecomeOneReplacementEach) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(ToValidUtf8("a\xFFz"), "a" + r + "z");
  EXPECT_EQ(ToValidUtf8("\xE2\x82"), r);                      // truncated
  EXPECT_EQ(ToValidUtf8("\xE2\x82z"), r + "z");               // truncated, then text
  EXPECT_EQ(ToValidUtf8("\xC0\xAF"), r + r);                  // overlong
  EXPECT_EQ(ToValidUtf8("\xED\xA0\x80"), r + r + r);          // surrogate
  EXPECT_EQ(ToValidUtf8("\xF4\x90\x80\x80"), r + r + r + r);  // above U+10FFFF
  EXPECT_EQ(ToValidUtf8("\xF0\x9F\x98"), r);
  EXPECT_EQ(ToValidUtf8("\x80\x80"), r + r);
  EXPECT_EQ(ToValidUtf8("caf\xC3\xA9"), "caf\xC3\xA9");
}

TEST(Utf8Test, Validity) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsValidUtf8("\xC3"));
}

}  // namespace
}  // namespace coderank
