#include "tokenizer/gguf_vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Strings = std::vector<std::string>;

// A vocab.txt; its special tokens are the first five.
const Strings kPieces = {"[PAD]", "[UNK]",        "[CLS]", "[SEP]", "[MASK]", "play",
                         "##ing", "##s",          "a",     "##a",   "e",      "#",
                         "###",   "\xe2\x96\x81", "un",    "B"};
constexpr size_t kSpecial = 5;

Strings PhantomSpelling(const Strings& pieces) {
  Strings spelt;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const bool inside = pieces[i].starts_with("##");
    spelt.push_back(i < kSpecial ? pieces[i]
                    : inside     ? pieces[i].substr(2)
                                 : "\xe2\x96\x81" + pieces[i]);
  }
  return spelt;
}

// With the types and the ids that converters write.
GgufVocabulary VocabularyOf(const Strings& tokens) {
  GgufVocabulary vocabulary{.tokens = {tokens.begin(), tokens.end()},
                            .types = std::vector<int64_t>(tokens.size(), 1),
                            .cls = 2,
                            .separator = 3,
                            .unknown = 1,
                            .padding = 0,
                            .mask = 4};
  std::fill_n(vocabulary.types.begin(), kSpecial, 3);
  return vocabulary;
}

std::unique_ptr<Tokenizer> Make(const GgufVocabulary& vocabulary) {
  auto tokenizer = MakeGgufTokenizer(vocabulary, "x.gguf");
  EXPECT_TRUE(tokenizer) << tokenizer.error().message();
  return tokenizer ? *std::move(tokenizer) : nullptr;
}

std::string ErrorOf(const GgufVocabulary& vocabulary) {
  const auto tokenizer = MakeGgufTokenizer(vocabulary, "x.gguf");
  EXPECT_FALSE(tokenizer);
  return tokenizer ? "" : tokenizer.error().message();
}

TEST(GgufVocabularyTest, BothSpellingsGiveTheIdsOfTheVocabularyFile) {
  const testing::TempDir folder;
  std::string lines;
  for (const std::string& piece : kPieces) lines += piece + "\n";
  folder.Write("vocab.txt", lines);
  const auto twin = LoadTokenizer(folder.path());
  ASSERT_TRUE(twin) << twin.error().message();
  const Strings phantom = PhantomSpelling(kPieces);
  const auto from_plain = Make(VocabularyOf(kPieces));
  const auto from_phantom = Make(VocabularyOf(phantom));
  for (const char* text :
       {"", "playing plays", "PLAYING", "a [SEP] [MASK] aa", "\xc3\xa9 e\xcc\x81", "###", "#a",
        "\xe2\x96\x81", "unplay [PAD]x", "b B", "[unk] [UNK]", "##ing", "zzz", "\xff play"}) {
    const Encoding expected = (*twin)->Encode(text, 99);
    EXPECT_EQ(from_plain->Encode(text, 99).ids, expected.ids) << text;
    EXPECT_EQ(from_phantom->Encode(text, 99).ids, expected.ids) << text;
  }
  EXPECT_EQ(from_phantom->vocabulary_size(), kPieces.size());
  EXPECT_THAT(from_phantom->Encode("playing", 99).ids, ElementsAre(2, 5, 6, 3));
}

TEST(GgufVocabularyTest, IdsDefaultToBertsTokens) {
  const Strings phantom = PhantomSpelling(kPieces);
  const GgufVocabulary bare{.tokens = {phantom.begin(), phantom.end()}};
  EXPECT_THAT(Make(bare)->Encode("playing [MASK] q", 99).ids, ElementsAre(2, 5, 6, 4, 1, 3));
}

TEST(GgufVocabularyTest, SpecialTokensMayHaveOtherNamesAndPhantomSpaces) {
  Strings tokens = PhantomSpelling(kPieces);
  tokens[1] = "<unk>";
  tokens[2] = "\xe2\x96\x81<s>";
  tokens[3] = "</s>";
  GgufVocabulary vocabulary = VocabularyOf(tokens);
  vocabulary.types[2] = 1;
  EXPECT_THAT(Make(vocabulary)->Encode("a </s> <s> q", 99).ids, ElementsAre(2, 8, 3, 2, 1, 3));
}

TEST(GgufVocabularyTest, UnusedTokensAreNeverGivenAndUserTokensAre) {
  Strings tokens = PhantomSpelling(kPieces);
  GgufVocabulary vocabulary = VocabularyOf(tokens);
  vocabulary.types[8] = 5;   // "a"
  vocabulary.types[14] = 4;  // "un": found in the text before it is cut into words
  const auto tokenizer = Make(vocabulary);
  EXPECT_THAT(tokenizer->Encode("a", 99).ids, ElementsAre(2, 1, 3));
  EXPECT_THAT(tokenizer->Encode("UNe", 99).ids, ElementsAre(2, 14, 10, 3));
}

TEST(GgufVocabularyTest, CaseAndAccentsCanBeKept) {
  GgufVocabulary vocabulary = VocabularyOf(kPieces);
  vocabulary.lowercase = false;
  EXPECT_THAT(Make(vocabulary)->Encode("B \xc3\xa9", 99).ids, ElementsAre(2, 15, 1, 3));
  vocabulary.strip_accents = true;
  EXPECT_THAT(Make(vocabulary)->Encode("B \xc3\xa9", 99).ids, ElementsAre(2, 15, 10, 3));
}

TEST(GgufVocabularyTest, BadVocabulariesAreErrors) {
  GgufVocabulary types = VocabularyOf(kPieces);
  types.types.pop_back();
  EXPECT_THAT(ErrorOf(types), HasSubstr("x.gguf: tokenizer.ggml.token_type: expected 16 types"));
  GgufVocabulary outside = VocabularyOf(kPieces);
  outside.mask = 16;
  EXPECT_THAT(ErrorOf(outside), HasSubstr("mask_token_id: expected an id below 16, found 16"));
  outside = VocabularyOf(kPieces);
  outside.cls = UINT64_MAX;
  EXPECT_THAT(ErrorOf(outside), HasSubstr("cls_token_id: expected an id below 16"));
  EXPECT_THAT(ErrorOf(GgufVocabulary{}),
              HasSubstr("cls_token_id: expected an id, or a token [CLS]"));
  const std::string huge(33 << 20, 'a');
  GgufVocabulary large = VocabularyOf(kPieces);
  large.tokens.back() = huge;
  EXPECT_THAT(ErrorOf(large), HasSubstr("expected at most 33554432 bytes"));
}

}  // namespace
}  // namespace coderank
