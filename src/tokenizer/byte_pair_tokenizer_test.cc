#include "tokenizer/byte_pair_tokenizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/strings.h"
#include "support/temp_dir.h"
#include "text/utf8.h"
#include "tokenizer/byte_level.h"

namespace coderank {
namespace {

using nlohmann::json;
using Ids = std::vector<int32_t>;

// The 256 bytes are the tokens 0 to 255, in their order; then what the merges make.
json SmallTokenizer() {
  json vocabulary = json::object();
  for (int byte = 0; byte < 256; ++byte) {
    std::string spelling;
    AppendUtf8(SpellingOfByte(static_cast<uint8_t>(byte)), spelling);
    vocabulary[spelling] = byte;
  }
  int id = 256;
  json merges = json::array();
  for (const auto& [left, right] : std::vector<std::pair<std::string, std::string>>{
           {"a", "b"}, {"b", "c"}, {"ab", "c"}, {"\u0120", "a"}, {"a", "a"}, {"aa", "aa"}}) {
    merges.push_back(StrCat(left, " ", right));
    vocabulary[left + right] = id++;
  }
  return {{"added_tokens",
           {{{"id", 262},
             {"content", "<|end|>"},
             {"single_word", false},
             {"lstrip", false},
             {"rstrip", false},
             {"normalized", false},
             {"special", true}}}},
          {"normalizer", {{"type", "NFC"}}},
          {"pre_tokenizer",
           {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model",
           {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", ""},
            {"end_of_word_suffix", ""},
            {"fuse_unk", false},
            {"byte_fallback", false},
            {"vocab", vocabulary},
            {"merges", merges}}}};
}

class BytePairTokenizerTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<BytePairTokenizer>> Load(const json& file) {
    dir_.Write("tokenizer.json", file.dump());
    return LoadBytePairTokenizer(dir_.path());
  }
  std::unique_ptr<BytePairTokenizer> LoadGood(const json& file = SmallTokenizer()) {
    auto loaded = Load(file);
    EXPECT_TRUE(loaded) << loaded.error().message();
    return *std::move(loaded);
  }
  testing::TempDir dir_;
};

Ids Encode(const BytePairTokenizer& tokenizer, std::string_view text) {
  return tokenizer.Encode(text, 1000).ids;
}

TEST_F(BytePairTokenizerTest, MergesInTheOrderOfTheirRanks) {
  const auto tokenizer = LoadGood();
  EXPECT_EQ(Encode(*tokenizer, "abc"), Ids{258});  // a b first, then ab c
  EXPECT_EQ(Encode(*tokenizer, "bc"), Ids{257});
  EXPECT_EQ(Encode(*tokenizer, "abab"), (Ids{256, 256}));
  EXPECT_EQ(Encode(*tokenizer, "x ab"), (Ids{'x', ' ', 256}));  // a b before the space and a
  EXPECT_EQ(Encode(*tokenizer, "aaaaaa"), (Ids{261, 260}));
  EXPECT_EQ(Encode(*tokenizer, "aaa"), (Ids{260, 'a'}));  // the leftmost pair of equal rank
}

TEST_F(BytePairTokenizerTest, DecodesToTheBytes) {
  const auto tokenizer = LoadGood();
  const std::string text = "aabc \u00e9\u65e5 \n\t" + std::string(1, '\0') + "z";
  EXPECT_EQ(tokenizer->Decode(Encode(*tokenizer, text)), text);
  EXPECT_EQ(tokenizer->Decode(Ids{258, 262, -1, 5000}), "abc<|end|>");
}

TEST_F(BytePairTokenizerTest, TextNeverBecomesAnAddedToken) {
  const auto tokenizer = LoadGood();
  EXPECT_EQ(tokenizer->FindAdded("<|end|>"), 262);
  EXPECT_EQ(tokenizer->FindAdded("abc"), std::nullopt);
  EXPECT_EQ(Encode(*tokenizer, "x<|end|>y"), (Ids{'x', 262, 'y'}));
  Ids ids;
  tokenizer->AppendTemplate("x<|end|>y", ids);
  EXPECT_EQ(ids, (Ids{'x', 262, 'y'}));
  ids.clear();
  tokenizer->AppendText("x<|end|>y", ids);
  EXPECT_EQ(ids, (Ids{'x', '<', '|', 'e', 'n', 'd', '|', '>', 'y'}));
}

TEST_F(BytePairTokenizerTest, ComposesWhereTheFileSaysSo) {
  EXPECT_EQ(Encode(*LoadGood(), "e\u0301"), (Ids{0xC3, 0xA9}));
  json raw = SmallTokenizer();
  raw["normalizer"] = nullptr;
  EXPECT_EQ(Encode(*LoadGood(raw), "e\u0301"), (Ids{'e', 0xCC, 0x81}));
}

TEST_F(BytePairTokenizerTest, TruncatesAndAddsTheTemplate) {
  json file = SmallTokenizer();
  file["post_processor"] = {
      {"type", "Sequence"},
      {"processors",
       {{{"type", "ByteLevel"}},
        {{"type", "TemplateProcessing"},
         {"single",
          {{{"SpecialToken", {{"id", "<|end|>"}, {"type_id", 0}}}},
           {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
         {"special_tokens", {{"<|end|>", {{"id", "<|end|>"}, {"ids", {262}}}}}}}}}};
  const auto tokenizer = LoadGood(file);
  const Encoding whole = tokenizer->Encode("xyz", 4);
  EXPECT_EQ(whole.ids, (Ids{262, 'x', 'y', 'z'}));
  EXPECT_FALSE(whole.truncated);
  const Encoding cut = tokenizer->Encode("xyz", 3);
  EXPECT_EQ(cut.ids, (Ids{262, 'x', 'y'}));
  EXPECT_TRUE(cut.truncated);

  // As text, a name is no token: only the template's is.
  const Encoding text = tokenizer->EncodeText("<|end|>", 5);
  EXPECT_EQ(text.ids, (Ids{262, '<', '|', 'e', 'n'}));
  EXPECT_TRUE(text.truncated);
  EXPECT_EQ(AsTextTokenizer(LoadGood(file))->Encode("<|end|>", 5).ids, text.ids);
}

TEST_F(BytePairTokenizerTest, WholeWordsBeforeMergesWhereTheFileSaysSo) {
  json file = SmallTokenizer();
  file["model"]["vocab"]["ba"] = 263;
  EXPECT_EQ(Encode(*LoadGood(file), "ba"), (Ids{'b', 'a'}));
  file["model"]["ignore_merges"] = true;
  EXPECT_EQ(Encode(*LoadGood(file), "ba"), Ids{263});
}

// A word of a million bytes: quadratic work would take hours.
TEST_F(BytePairTokenizerTest, LongWordsAreNoProblem) {
  const auto tokenizer = LoadGood();
  const std::string word(1'000'000, 'a');
  const Encoding encoding = tokenizer->Encode(word, word.size());
  EXPECT_EQ(encoding.ids, Ids(250'000, 261));
  const std::string marks(1'000'000, '\'');
  EXPECT_EQ(tokenizer->Encode(marks, marks.size() + 1).ids.size(), marks.size());
}

TEST_F(BytePairTokenizerTest, IllFormedTextIsRepaired) {
  EXPECT_EQ(Encode(*LoadGood(), "x\xff"), (Ids{'x', 0xEF, 0xBF, 0xBD}));
}

TEST_F(BytePairTokenizerTest, RefusesWhatItWouldGetWrong) {
  const auto expect = [&](const char* pointer, const json& value, StatusCode code) {
    json file = SmallTokenizer();
    file[json::json_pointer(pointer)] = value;
    const auto loaded = Load(file);
    ASSERT_FALSE(loaded) << pointer;
    EXPECT_EQ(loaded.error().code(), code) << loaded.error().message();
    EXPECT_NE(loaded.error().message().find("tokenizer.json"), std::string::npos);
  };
  expect("/model/type", "Unigram", StatusCode::kInvalidArgument);
  expect("/model/byte_fallback", true, StatusCode::kInvalidArgument);
  expect("/model/end_of_word_suffix", "</w>", StatusCode::kInvalidArgument);
  expect("/model/merges/0", "a nothere", StatusCode::kCorrupt);
  expect("/model/merges/0", "ab", StatusCode::kCorrupt);
  expect("/model/merges/0", 7, StatusCode::kCorrupt);
  expect("/model/vocab/a", -1, StatusCode::kCorrupt);
  expect("/model/vocab/a", 1 << 30, StatusCode::kInvalidArgument);
  expect("/normalizer/type", "Lowercase", StatusCode::kInvalidArgument);
  expect("/pre_tokenizer/type", "Metaspace", StatusCode::kInvalidArgument);
  expect("/pre_tokenizer/add_prefix_space", true, StatusCode::kInvalidArgument);
  expect("/pre_tokenizer", nullptr, StatusCode::kInvalidArgument);
  expect("/model/dropout", 0.1, StatusCode::kCorrupt);
}

TEST(GgufBytePairsTest, IsWhatTheJsonGives) {
  const std::vector<std::string> texts = {"a", "b", "ab", "\u0120", "<|x|>", "<|pad|>"};
  GgufBytePairs values;
  values.tokens.assign(texts.begin(), texts.end());
  values.types = {1, 1, 1, 1, 3, 5};
  values.merges = {"a b"};
  values.splitter = "smollm";
  values.begin = 4;
  const auto tokenizer = MakeGgufBytePairTokenizer(values, "x.gguf");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  EXPECT_EQ((*tokenizer)->Encode("ab a<|x|>b", 100).ids, (Ids{4, 2, 3, 0, 4, 1}));
  EXPECT_EQ((*tokenizer)->Encode("<|pad|>", 100).ids, (Ids{4, 0}));  // its "a"
  values.merges = {"a x"};
  EXPECT_EQ(MakeGgufBytePairTokenizer(values, "x.gguf").error().code(), StatusCode::kCorrupt);
  values.merges = {"ab"};
  EXPECT_EQ(MakeGgufBytePairTokenizer(values, "x.gguf").error().code(), StatusCode::kCorrupt);
  values.merges = {"a b"};
  values.begin = 6;
  EXPECT_EQ(MakeGgufBytePairTokenizer(values, "x.gguf").error().code(), StatusCode::kCorrupt);
  values.begin = 4;
  values.splitter = "unheard-of";
  EXPECT_EQ(MakeGgufBytePairTokenizer(values, "x.gguf").error().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace coderank
