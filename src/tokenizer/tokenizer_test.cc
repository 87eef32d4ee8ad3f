// Files that are wrong or unusual, and texts that are huge. parity_test.cc checks the ids.
#include "tokenizer/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

nlohmann::json BaseJson() {
  return nlohmann::json::parse(R"({
    "version": "1.0", "truncation": {"max_length": 3}, "padding": {"strategy": {"Fixed": 9}},
    "added_tokens": [{"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false,
                      "rstrip": false, "normalized": false, "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                   "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100,
              "vocab": {"[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 10, "##a": 11, "##b": 12}}})");
}

Result<std::unique_ptr<Tokenizer>> Load(const nlohmann::json& json) {
  const testing::TempDir dir;
  dir.Write("tokenizer.json", json.dump());
  return LoadTokenizer(dir.path());
}

// The error of a tokenizer.json in which one field is changed.
Status ErrorWith(const char* pointer, const nlohmann::json& value) {
  nlohmann::json json = BaseJson();
  json[nlohmann::json::json_pointer(pointer)] = value;
  const auto loaded = Load(json);
  return loaded ? OkStatus() : loaded.error();
}

TEST(TokenizerTest, EncodesAndTruncates) {
  const auto tokenizer = Load(BaseJson());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  const Encoding whole = (*tokenizer)->Encode("aab A [SEP]q", 100);
  EXPECT_THAT(whole.ids, ElementsAre(2, 10, 11, 12, 10, 3, 1, 3));
  EXPECT_FALSE(whole.truncated);
  const Encoding cut = (*tokenizer)->Encode("aab A", 5);
  EXPECT_THAT(cut.ids, ElementsAre(2, 10, 11, 12, 3));
  EXPECT_TRUE(cut.truncated);
  EXPECT_FALSE((*tokenizer)->Encode("aab A", 6).truncated);
  EXPECT_THAT((*tokenizer)->Encode("a", 2).ids, ElementsAre(2, 3));
  EXPECT_THAT((*tokenizer)->Encode("", 2).ids, ElementsAre(2, 3));
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 13U);
}

// The longer text gives way until both are equally long; of an odd room the longer has one more.
TEST(TokenizerTest, PairsLoseTheEndOfTheLongerText) {
  const auto tokenizer = Load(BaseJson());
  ASSERT_TRUE(tokenizer);
  struct Case {
    const char* first;
    const char* second;
    size_t max_tokens;
    std::vector<int32_t> ids;
    size_t second_begin;
  };
  const std::vector<Case> cases = {{"a", "aab", 100, {2, 10, 3, 10, 11, 12, 3}, 3},
                                   {"a", "aab", 7, {2, 10, 3, 10, 11, 12, 3}, 3},
                                   {"a", "aab", 6, {2, 10, 3, 10, 11, 3}, 3},
                                   {"aab", "a", 6, {2, 10, 11, 3, 10, 3}, 4},
                                   {"aab a", "aab", 8, {2, 10, 11, 12, 3, 10, 11, 3}, 5},
                                   {"aab", "aab a", 8, {2, 10, 11, 3, 10, 11, 12, 3}, 4},
                                   {"aab", "aab", 8, {2, 10, 11, 3, 10, 11, 12, 3}, 4},
                                   {"a", "", 100, {2, 10, 3, 3}, 3},
                                   {"", "a", 100, {2, 3, 10, 3}, 2},
                                   {"aab", "aab", 3, {2, 3, 3}, 2}};
  for (const Case& one : cases) {
    const auto pair = (*tokenizer)->EncodePair(one.first, one.second, one.max_tokens);
    ASSERT_TRUE(pair) << pair.error().message();
    EXPECT_EQ(pair->ids, one.ids) << one.first << "|" << one.second << " " << one.max_tokens;
    EXPECT_EQ(pair->second_begin, one.second_begin);
    const auto whole = (*tokenizer)->EncodePair(one.first, one.second, 100);
    EXPECT_EQ(pair->truncated, whole->ids.size() > one.max_tokens);
  }
}

TEST(TokenizerTest, TokensOutsideTheVocabularyGetTheNextIds) {
  nlohmann::json json = BaseJson();
  auto added = json["added_tokens"][0];
  added["content"] = "<new>";
  added["id"] = 77;  // ignored, as the reference tokenizer does: the vocabulary has 6 pieces
  json["added_tokens"].push_back(added);
  const auto tokenizer = Load(json);
  ASSERT_TRUE(tokenizer);
  EXPECT_THAT((*tokenizer)->Encode("a<new>", 9).ids, ElementsAre(2, 10, 6, 3));
}

TEST(TokenizerTest, OtherTokenizersAreRefused) {
  using Case = std::pair<const char*, nlohmann::json>;
  for (const auto& [field, value] :
       {Case{"/model/type", "BPE"}, Case{"/normalizer", nullptr}, Case{"/normalizer/type", "NFC"},
        Case{"/pre_tokenizer", nullptr}, Case{"/pre_tokenizer/type", "Whitespace"},
        Case{"/post_processor", nullptr}, Case{"/post_processor/type", "RobertaProcessing"},
        Case{"/model/max_input_chars_per_word", 1e6}}) {
    const Status error = ErrorWith(field, value);
    EXPECT_FALSE(error.ok()) << field;
    EXPECT_THAT(error.message(), HasSubstr("tokenizer.json: ")) << field;
    EXPECT_THAT(error.message(), HasSubstr("expected")) << field;
  }
  EXPECT_EQ(ErrorWith("/model/type", "BPE").code(), StatusCode::kInvalidArgument);
}

TEST(TokenizerTest, MalformedFieldsAreCorrupt) {
  using Case = std::pair<const char*, nlohmann::json>;
  for (const auto& [field, value] :
       {Case{"/model", 3}, Case{"/model/vocab", nlohmann::json::array()},
        Case{"/model/vocab/a", -1}, Case{"/model/vocab/a", 4294967296U},
        Case{"/model/vocab/a", 2147483648U}, Case{"/model/vocab/a", 1.0},
        Case{"/model/vocab/a", "1"}, Case{"/model/unk_token", "[NONE]"},
        Case{"/model/max_input_chars_per_word", -1}, Case{"/added_tokens", 1},
        Case{"/added_tokens/0", "x"}, Case{"/added_tokens/0/id", -3},
        Case{"/added_tokens/0/content", nullptr}, Case{"/normalizer/lowercase", "yes"},
        Case{"/normalizer/strip_accents", 1}, Case{"/post_processor/cls", "[CLS]"},
        Case{"/post_processor/cls", {"[CLS]", -2}}}) {
    EXPECT_EQ(ErrorWith(field, value).code(), StatusCode::kCorrupt) << field << " " << value;
  }
}

TEST(TokenizerTest, TemplatesHoldTheTextOnce) {
  nlohmann::json json = BaseJson();
  const auto text = nlohmann::json::parse(R"({"Sequence": {"id": "A", "type_id": 0}})");
  const auto special = nlohmann::json::parse(R"({"SpecialToken": {"id": "[X]", "type_id": 0}})");
  auto& part = json["post_processor"];
  part = {{"type", "TemplateProcessing"}, {"single", {special, text}}};
  part["special_tokens"]["[X]"] = {{"id", "[X]"}, {"ids", {5}}, {"tokens", {"[X]"}}};
  const auto tokenizer = Load(json);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  EXPECT_THAT((*tokenizer)->Encode("a", 9).ids, ElementsAre(5, 10));

  for (const auto& single :
       {nlohmann::json{special}, nlohmann::json{text, text}, nlohmann::json{text},
        nlohmann::json{special, text, special, special}, nlohmann::json{1}}) {
    part["single"] = single;
    EXPECT_FALSE(Load(json)) << single;
  }
}

TEST(TokenizerTest, BytesThatAreNotJsonAreCorrupt) {
  for (const std::string& bytes :
       {std::string("{"), std::string("[]"), std::string("\xFF"), std::string(1'000'000, '['),
        std::string(R"({"model": {"vocab": {3: 1}}})")}) {
    const testing::TempDir dir;
    dir.Write("tokenizer.json", bytes);
    const auto loaded = LoadTokenizer(dir.path());
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code(), StatusCode::kCorrupt) << bytes.substr(0, 30);
  }
}

TEST(TokenizerTest, FoldersWithoutATokenizerAreNotFound) {
  const testing::TempDir dir;
  const auto loaded = LoadTokenizer(dir.path());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), StatusCode::kNotFound);
  EXPECT_THAT(loaded.error().message(), HasSubstr("vocab.txt"));
}

TEST(TokenizerTest, VocabularyFilesNeedTheirSpecialTokens) {
  const testing::TempDir dir;
  dir.Write("vocab.txt", "[UNK]\r\n[CLS]\n\n[SEP]\na\n\n");
  const auto tokenizer = LoadTokenizer(dir.path());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  // [MASK] is not in the vocabulary: ordinary text.
  EXPECT_THAT((*tokenizer)->Encode("A[SEP][mask]", 9).ids, ElementsAre(1, 4, 3, 0, 0, 0, 3));
  for (const char* broken : {"[CLS]\n[SEP]\n", "[UNK]\n[SEP]\n", "[UNK]\n[CLS]\n", "\xFF\n", ""}) {
    dir.Write("vocab.txt", broken);
    const auto loaded = LoadTokenizer(dir.path());
    ASSERT_FALSE(loaded) << broken;
    EXPECT_EQ(loaded.error().code(), StatusCode::kCorrupt);
  }
  dir.Write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\n");
  for (const char* config : {"3", R"({"do_lower_case": 1})", R"({"cls_token": "[NO]"})",
                             R"({"added_tokens_decoder": {"x": {}}})", R"({"sep_token": {}})"}) {
    dir.Write("tokenizer_config.json", config);
    ASSERT_FALSE(LoadTokenizer(dir.path())) << config;
  }
}

TEST(TokenizerTest, HugeWordsAndRunsTakeLinearTimeAndLittleMemory) {
  const auto tokenizer = Load(BaseJson());
  ASSERT_TRUE(tokenizer);
  constexpr size_t kBytes = 20'000'000;
  EXPECT_THAT((*tokenizer)->Encode(std::string(kBytes, 'a'), 512).ids, ElementsAre(2, 1, 3));
  std::string marks;
  while (marks.size() < kBytes / 4) marks += "\u1ABF\u302E";  // reordered and kept; kept
  EXPECT_THAT((*tokenizer)->Encode(marks, 512).ids, ElementsAre(2, 1, 3));
  const Encoding cut = (*tokenizer)->Encode(std::string(kBytes, '-'), 512);
  EXPECT_EQ(cut.ids.size(), 512U);
  EXPECT_TRUE(cut.truncated);
}

}  // namespace
}  // namespace coderank
