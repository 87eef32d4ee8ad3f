#include "tokenizer/split_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coderank {
namespace {

using Words = std::vector<std::string>;

Words Split(std::string_view name, std::string_view text) {
  Words words;
  SplitWords(*FindSplitName(name), text, [&](std::string_view word) {
    words.emplace_back(word);
    return true;
  });
  return words;
}

TEST(SplitRulesTest, Gpt2) {
  EXPECT_EQ(Split("gpt-2", "I'm don't DON'T"), (Words{"I", "'m", " don", "'t", " DON", "'", "T"}));
  EXPECT_EQ(Split("gpt-2", "a  b 123 x1"), (Words{"a", " ", " b", " 123", " x", "1"}));
  EXPECT_EQ(Split("gpt-2", "f(x);\n\n  y"), (Words{"f", "(", "x", ");", "\n\n ", " y"}));
  EXPECT_EQ(Split("gpt-2", "end  "), (Words{"end", "  "}));
  EXPECT_EQ(Split("gpt-2", " ?!"), (Words{" ?!"}));
}

TEST(SplitRulesTest, Qwen2) {
  EXPECT_EQ(Split("qwen2", "DON'T we'LL '\u017f"),
            (Words{"DON", "'T", " we", "'LL", " '", "\u017f"}));
  EXPECT_EQ(Split("qwen2", "'\u017f"), (Words{"'\u017f"}));
  EXPECT_EQ(Split("qwen2", "\tx (y 12"), (Words{"\tx", " (", "y", " ", "1", "2"}));
  EXPECT_EQ(Split("qwen2", "{\n\n  a;\r\n"), (Words{"{\n\n", " ", " a", ";\r\n"}));
  EXPECT_EQ(Split("qwen2", "a \n \n  b"), (Words{"a", " \n \n", " ", " b"}));
  EXPECT_EQ(Split("qwen2", "a\u0301"), (Words{"a", "\u0301"}));  // a mark is no letter
}

TEST(SplitRulesTest, Llama3TakesNumbersInThrees) {
  EXPECT_EQ(Split("llama-bpe", "1234567"), (Words{"123", "456", "7"}));
}

TEST(SplitRulesTest, SmolLmCutsAtDigitsFirst) {
  EXPECT_EQ(Split("smollm", "a  12"), (Words{"a", "  ", "1", "2"}));
  EXPECT_EQ(Split("gpt-2", "a  12"), (Words{"a", " ", " 12"}));
}

TEST(SplitRulesTest, NothingIsLost) {
  const std::string text = "x\u00a0\u3000'ss 9\u0663\u00bd \r\n\t\U0001F600 \u00e9\u0301''ve\n";
  for (const char* name : {"gpt-2", "qwen2", "llama-bpe", "smollm"}) {
    std::string all;
    for (const std::string& word : Split(name, text)) all += word;
    EXPECT_EQ(all, text) << name;
  }
}

TEST(SplitRulesTest, StopsWhenToldTo) {
  size_t visits = 0;
  EXPECT_FALSE(SplitWords(kGpt2Rules, "a b c", [&](std::string_view) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2U);
}

// Two spellings of one expression: the tables hold both.
TEST(SplitRulesTest, TiktokensSpellingIsLlama3s) {
  const auto rules = FindSplitExpression(
      R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)");
  ASSERT_TRUE(rules);
  Words words;
  SplitWords(*rules, "it'S 1234\n \n  x", [&](std::string_view word) {
    words.emplace_back(word);
    return true;
  });
  EXPECT_EQ(words, (Words{"it", "'S", " ", "123", "4", "\n \n", " ", " x"}));
}

TEST(SplitRulesTest, UnknownOnesAreNotGuessed) {
  EXPECT_FALSE(FindSplitName("default"));
  EXPECT_FALSE(FindSplitExpression(R"(\w+)"));
  EXPECT_TRUE(FindSplitExpression(
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"));
}

}  // namespace
}  // namespace coderank
