#include "text/glob.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

namespace coderank {
namespace {

bool MatchesName(std::string_view pattern, std::string_view text) {
  return Glob(pattern, GlobMode::kName).Matches(text);
}
bool MatchesPath(std::string_view pattern, std::string_view text) {
  return Glob(pattern, GlobMode::kPath).Matches(text);
}

TEST(GlobTest, LiteralsAndSingleBytes) {
  EXPECT_TRUE(MatchesName("abc", "abc"));
  EXPECT_FALSE(MatchesName("abc", "abd"));
  EXPECT_FALSE(MatchesName("abc", "ABC"));
  EXPECT_FALSE(MatchesName("abc", "abcd"));
  EXPECT_TRUE(MatchesName("a?c", "axc"));
  EXPECT_FALSE(MatchesPath("a?c", "a/c"));
  EXPECT_FALSE(MatchesName("?", "\xC3\xA9"));  // bytes, not characters
  EXPECT_TRUE(MatchesName("\\*\\a", "*a"));
  EXPECT_FALSE(MatchesName("a\\", "a\\"));
  EXPECT_FALSE(MatchesName("a\\", "a"));
  EXPECT_TRUE(Glob().Matches(""));
  EXPECT_FALSE(Glob().Matches("a"));
}

TEST(GlobTest, Sets) {
  EXPECT_TRUE(MatchesName("[a-c]", "b"));
  EXPECT_FALSE(MatchesName("[!a-c]", "b"));
  EXPECT_TRUE(MatchesName("[^a-c]", "d"));
  EXPECT_TRUE(MatchesName("[]-]", "]"));
  EXPECT_TRUE(MatchesName("[]-]", "-"));
  EXPECT_TRUE(MatchesName("[a-]", "-"));
  EXPECT_TRUE(MatchesName("[\\]]", "]"));
  EXPECT_TRUE(MatchesName("[[:alpha:][:digit:]]", "7"));
  EXPECT_FALSE(MatchesName("[[:alpha:]]", "7"));
  EXPECT_FALSE(MatchesName("[[:nonsense:]]", "n"));
  EXPECT_TRUE(MatchesName("[[:]", ":"));
  EXPECT_FALSE(MatchesName("[a", "a"));
  EXPECT_FALSE(MatchesName("[a", "[a"));
  EXPECT_FALSE(MatchesPath("a[/]b", "a/b"));
  EXPECT_FALSE(MatchesPath("a[!x]b", "a/b"));
}

TEST(GlobTest, Stars) {
  EXPECT_TRUE(MatchesName("*", ""));
  EXPECT_TRUE(MatchesName("*.cc", "a.cc"));
  EXPECT_FALSE(MatchesPath("*.cc", "a/b.cc"));
  EXPECT_TRUE(MatchesPath("a/**/b", "a/b"));
  EXPECT_TRUE(MatchesPath("a/**/b", "a/x/y/b"));
  EXPECT_FALSE(MatchesPath("a/**/b", "a/xb"));
  EXPECT_TRUE(MatchesPath("**/b", "b"));
  EXPECT_TRUE(MatchesPath("**/b*d/e", "x/bcd/bc/bd/e"));
  EXPECT_TRUE(MatchesPath("a/**", "a/b/c"));
  EXPECT_FALSE(MatchesPath("a**b", "a/b"));
  EXPECT_TRUE(MatchesPath("a**b", "axxb"));
}

// The same meaning by plain recursion: the specification for what the matcher does in one loop.
bool Reference(std::string_view pattern, std::string_view text, bool folder_start = true) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*') {
    if (text.empty() || (pattern[0] == '?' ? text[0] == '/' : text[0] != pattern[0])) return false;
    return Reference(pattern.substr(1), text.substr(1), pattern[0] == '/');
  }
  size_t stars = 0;
  while (stars < pattern.size() && pattern[stars] == '*') ++stars;
  const std::string_view rest = pattern.substr(stars);
  const bool wide = stars > 1 && folder_start && (rest.empty() || rest[0] == '/');
  if (wide && !rest.empty() && Reference(rest.substr(1), text)) return true;
  for (size_t taken = 0; taken <= text.size(); ++taken) {
    if (Reference(rest, text.substr(taken), false)) return true;
    if (taken < text.size() && text[taken] == '/' && !wide) return false;
  }
  return false;
}

TEST(GlobTest, RandomPatternsAgreeWithRecursion) {
  std::mt19937 random(7);
  const auto draw = [&random](std::string_view alphabet, size_t longest) {
    std::string out(random() % (longest + 1), ' ');
    for (char& c : out) c = alphabet[random() % alphabet.size()];
    return out;
  };
  int matched = 0;
  for (int i = 0; i < 300'000; ++i) {
    const std::string pattern = draw("ab?***//", 9);
    const std::string text = draw("aab/", 9);
    const bool expected = Reference(pattern, text);
    matched += expected ? 1 : 0;
    ASSERT_EQ(MatchesPath(pattern, text), expected) << pattern << " against " << text;
  }
  EXPECT_GT(matched, 10'000);
}

TEST(GlobTest, ManyStarsStayFast) {
  std::string stars;
  std::string wide;
  for (int i = 0; i < 100; ++i) {
    stars += "a*";
    wide += "**/a*/";
  }
  const std::string name(100'000, 'a');
  std::string path;
  for (int i = 0; i < 1000; ++i) path += "aaa/";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(MatchesName(stars + "b", name));
  EXPECT_FALSE(MatchesPath(stars + "b", name));
  EXPECT_FALSE(MatchesPath("*" + std::string(1000, 'a') + "b", name));
  EXPECT_FALSE(MatchesPath(wide + "b", path));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace coderank
