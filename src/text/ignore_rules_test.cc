#include "text/ignore_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

// "ignored", "included" (by a negated rule) or "" for no rule.
std::string Verdict(std::string_view rules, std::string_view path, bool is_folder = false) {
  const IgnoreRules parsed = IgnoreRules::Parse(rules, "f");
  const IgnoreRule* rule = parsed.LastMatch(path, is_folder);
  if (rule == nullptr) return "";
  return rule->negated ? "included" : "ignored";
}

TEST(IgnoreRulesTest, NamesMatchInEveryFolder) {
  EXPECT_EQ(Verdict("foo", "foo"), "ignored");
  EXPECT_EQ(Verdict("foo", "a/b/foo"), "ignored");
  EXPECT_EQ(Verdict("foo", "a/foo/b"), "");
  EXPECT_EQ(Verdict("*.o", "a/b.o"), "ignored");
  EXPECT_EQ(Verdict("*", ".hidden"), "ignored");
  EXPECT_EQ(Verdict("**", "a/b"), "ignored");
}

TEST(IgnoreRulesTest, ASlashAnchors) {
  EXPECT_EQ(Verdict("/foo", "foo"), "ignored");
  EXPECT_EQ(Verdict("/foo", "a/foo"), "");
  EXPECT_EQ(Verdict("a/foo", "a/foo"), "ignored");
  EXPECT_EQ(Verdict("a/foo", "b/a/foo"), "");
  EXPECT_EQ(Verdict("**/a/foo", "b/a/foo"), "ignored");
  EXPECT_EQ(Verdict("/*.c", "x.c"), "ignored");
  EXPECT_EQ(Verdict("/*.c", "a/x.c"), "");
  EXPECT_EQ(Verdict("/", "a", true), "");
  EXPECT_EQ(Verdict("!", "a", true), "");
}

TEST(IgnoreRulesTest, ATrailingSlashMeansFolders) {
  EXPECT_EQ(Verdict("foo/", "a/foo", true), "ignored");
  EXPECT_EQ(Verdict("foo/", "a/foo", false), "");
  EXPECT_EQ(Verdict("a/**/", "a/b", true), "ignored");
}

TEST(IgnoreRulesTest, TheLastMatchDecides) {
  EXPECT_EQ(Verdict("*.c\n!keep.c", "keep.c"), "included");
  EXPECT_EQ(Verdict("!keep.c\n*.c", "keep.c"), "ignored");
}

TEST(IgnoreRulesTest, CommentsBlanksAndEscapes) {
  EXPECT_EQ(Verdict("#foo", "#foo"), "");
  EXPECT_EQ(Verdict("\\#foo", "#foo"), "ignored");
  EXPECT_EQ(Verdict("\\!foo", "!foo"), "ignored");
  EXPECT_EQ(Verdict(" #foo", " #foo"), "ignored");
  EXPECT_EQ(Verdict("foo  ", "foo"), "ignored");
  EXPECT_EQ(Verdict("foo\\ ", "foo "), "ignored");
  EXPECT_EQ(Verdict("foo\\  ", "foo "), "ignored");
  EXPECT_EQ(Verdict("foo\t", "foo"), "");
  EXPECT_EQ(Verdict("f o", "f o"), "ignored");
  EXPECT_EQ(Verdict("   ", "   "), "");
}

TEST(IgnoreRulesTest, LineEndsAndByteOrderMark) {
  EXPECT_EQ(Verdict("foo\r\nbar\r\n", "foo"), "ignored");
  EXPECT_EQ(Verdict("foo \r\n", "foo"), "ignored");
  EXPECT_EQ(Verdict("bar\r", "bar"), "ignored");
  EXPECT_EQ(Verdict("bar\r\r\n", "bar\r"), "ignored");
  EXPECT_EQ(Verdict("\xEF\xBB\xBF#x\nfoo", "foo"), "ignored");
  EXPECT_EQ(Verdict("\xEF\xBB\xBF"
                    "foo",
                    "foo"),
            "ignored");
  EXPECT_EQ(Verdict(std::string_view("foo\0bar\nbaz", 11), "foo"), "ignored");
}

TEST(IgnoreRulesTest, DescribesTheRule) {
  const IgnoreRules rules = IgnoreRules::Parse("# x\n\n!/a*b/ \n", ".gitignore");
  const IgnoreRule* rule = rules.LastMatch("ab", true);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rules.Describe(*rule), ".gitignore:3: !/a*b/");
}

}  // namespace
}  // namespace coderank
