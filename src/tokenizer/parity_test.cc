// Ids equal to the reference tokenizer's, over testdata/goldens.json.zst, which
// scripts/generate_tokenizer_goldens.py writes. Where a digest differs, run
// scripts/check_tokenizer_parity.py on the texts to see which one and how.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "support/temp_dir.h"
#include "tokenizer/parity_testing.h"
#include "tokenizer/tokenizer.h"

namespace coderank {
namespace {

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

void ExpectTexts(const Tokenizer& tokenizer, const nlohmann::json& expected) {
  const auto& texts = Goldens()["texts"];
  ASSERT_EQ(texts.size(), expected["texts"].size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string text = FromHex(texts[i]);
    EXPECT_EQ(tokenizer.Encode(text, kNoLimit).ids,
              expected["texts"][i].get<std::vector<int32_t>>())
        << "text " << i << ": " << text.substr(0, 200);
  }
}

class ParityTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Goldens().is_object()) << "testdata/goldens.json.zst cannot be read";
    for (const auto& [name, content] : expected()["files"].items()) {
      dir_.Write(name, content.get_ref<const std::string&>());
    }
    auto loaded = LoadTokenizer(dir_.path());
    ASSERT_TRUE(loaded) << loaded.error().message();
    tokenizer_ = *std::move(loaded);
  }
  const nlohmann::json& expected() const { return Goldens()["models"][GetParam()]; }

  testing::TempDir dir_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_P(ParityTest, Lines) { ExpectLines(*tokenizer_, expected()); }
TEST_P(ParityTest, TruncatedLines) { ExpectTruncation(*tokenizer_, expected()); }
TEST_P(ParityTest, AdversarialTexts) { ExpectTexts(*tokenizer_, expected()); }

INSTANTIATE_TEST_SUITE_P(Models, ParityTest,
                         ::testing::Values("uncased", "cased", "cased_stripped", "uncased_accented",
                                           "no_chinese", "not_cleaned", "small", "vocabulary"),
                         [](const auto& info) { return std::string(info.param); });

using CodePointParityTest = ParityTest;
TEST_P(CodePointParityTest, EveryCodePoint) { ExpectCodePoints(*tokenizer_, expected()); }
INSTANTIATE_TEST_SUITE_P(Models, CodePointParityTest,
                         ::testing::Values("uncased", "cased", "not_cleaned"),
                         [](const auto& info) { return std::string(info.param); });

// The real vocabulary of all-MiniLM-L6-v2 is not part of the repository.
TEST(MiniLmParityTest, EverythingAboveWithTheRealVocabulary) {
  const char* folder = std::getenv("CODERANK_TEST_MODEL_DIR");
  if (folder == nullptr) {
    GTEST_SKIP() << "CODERANK_TEST_MODEL_DIR does not name a folder with all-MiniLM-L6-v2";
  }
  ASSERT_TRUE(Goldens().is_object()) << "testdata/goldens.json.zst cannot be read";
  const auto& expected = Goldens()["minilm"];
  const auto digest = Sha256OfFile(std::filesystem::path(folder) / "tokenizer.json");
  ASSERT_TRUE(digest) << digest.error().message();
  if (ToHex(*digest) != expected["sha256"].get_ref<const std::string&>()) {
    GTEST_SKIP() << folder << "/tokenizer.json is not the one the expectations were made with";
  }
  const auto tokenizer = LoadTokenizer(folder);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 30522U);
  ExpectLines(**tokenizer, expected);
  ExpectTruncation(**tokenizer, expected);
  ExpectTexts(**tokenizer, expected);
  ExpectCodePoints(**tokenizer, expected);
}

}  // namespace
}  // namespace coderank
