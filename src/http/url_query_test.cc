#include "http/url_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coderank::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(UrlQueryTest, DecodesPairsInOrder) {
  const auto pairs = ParseQuery("q=a+b%21&lang=cpp&lang=go&flag&empty=&&x=1=2%26%c3%a4");
  ASSERT_TRUE(pairs);
  EXPECT_THAT(*pairs, ElementsAre(Pair("q", "a b!"), Pair("lang", "cpp"), Pair("lang", "go"),
                                  Pair("flag", ""), Pair("empty", ""), Pair("x", "1=2&\u00e4")));
  EXPECT_THAT(*ParseQuery(""), IsEmpty());
}

TEST(UrlQueryTest, RefusesBrokenEscapes) {
  for (const char* text : {"q=%", "q=%4", "q=%g0", "%zz=1", "q=a%4&b=1"}) {
    const auto pairs = ParseQuery(text);
    ASSERT_FALSE(pairs) << text;
    EXPECT_THAT(pairs.error().message(), HasSubstr("two hexadecimal digits")) << text;
  }
}

}  // namespace
}  // namespace coderank::http
