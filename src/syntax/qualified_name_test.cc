#include "syntax/qualified_name.h"

#include <gtest/gtest.h>

#include <string>

#include "base/strings.h"
#include "syntax/outline.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// "scope|name"
std::string Split(std::string_view language, std::string_view text) {
  const QualifiedName split = SplitName(text, *FindLanguage(language));
  return StrCat(split.scope, "|", split.name);
}

TEST(QualifiedNameTest, CppNames) {
  EXPECT_EQ(Split("cpp", "f"), "|f");
  EXPECT_EQ(Split("cpp", "a::B::f"), "a.B|f");
  EXPECT_EQ(Split("cpp", "B<std::vector<int>>::f"), "B|f");
  EXPECT_EQ(Split("cpp", "hash<a::B>"), "|hash");
  EXPECT_EQ(Split("cpp", "A::operator<"), "A|operator<");
  EXPECT_EQ(Split("cpp", "A::operator()"), "A|operator()");
  EXPECT_EQ(Split("cpp", "operator bool() const"), "|operator bool");
  EXPECT_EQ(Split("cpp", "A::operators::f"), "A.operators|f");
  EXPECT_EQ(Split("cpp", "A::~A"), "A|~A");
}

TEST(QualifiedNameTest, ScriptNames) {
  EXPECT_EQ(Split("javascript", "exports.read"), "|read");
  EXPECT_EQ(Split("javascript", "Cache.prototype.get"), "Cache|get");
  EXPECT_EQ(Split("javascript", "module.exports"), "|");
  EXPECT_EQ(Split("javascript", "'quoted-key'"), "|quoted-key");
  EXPECT_EQ(Split("lua", "M.a:b"), "M.a|b");
  EXPECT_EQ(Split("php", "App\\Http\\Kernel"), "App.Http|Kernel");
}

TEST(QualifiedNameTest, Headings) {
  EXPECT_EQ(Split("markdown", "The `index` of [a book](https://b.example/c)"),
            "|The index of a book");
  EXPECT_EQ(Split("markdown", "Title ![badge](x.svg)[![b](y)](z)"), "|Title");
  EXPECT_EQ(Split("markdown", "Cases: a.b and [x] ![never closed"),
            "|Cases: a.b and x !never closed");
}

TEST(QualifiedNameTest, LongNamesEndBetweenCharacters) {
  std::string text;
  while (text.size() < 1000) text += "\u00e9\u00e8x";
  const QualifiedName split = SplitName(text, *FindLanguage("python"));
  EXPECT_LE(split.name.size(), kMaximumNameBytes);
  EXPECT_GT(split.name.size(), kMaximumNameBytes - 4);
  EXPECT_TRUE(IsValidUtf8(split.name));
}

}  // namespace
}  // namespace coderank
