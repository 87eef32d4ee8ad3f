// Ids equal to the reference library's for every splitting rule, over
// testdata/byte_pair_goldens.json.zst, which scripts/generate_byte_pair_goldens.py writes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/temp_dir.h"
#include "tokenizer/byte_pair_tokenizer.h"
#include "tokenizer/parity_testing.h"

namespace coderank {
namespace {

const nlohmann::json& BytePairGoldens() {
  static const nlohmann::json goldens = ReadTokenizerGoldens("byte_pair_goldens.json.zst");
  return goldens;
}

class BytePairParityTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(BytePairGoldens().is_object()) << "byte_pair_goldens.json.zst cannot be read";
    dir_.Write("tokenizer.json", expected()["file"].get_ref<const std::string&>());
    auto loaded = LoadBytePairTokenizer(dir_.path());
    ASSERT_TRUE(loaded) << loaded.error().message();
    tokenizer_ = *std::move(loaded);
  }
  const nlohmann::json& expected() const { return BytePairGoldens()["models"][GetParam()]; }

  testing::TempDir dir_;
  std::unique_ptr<BytePairTokenizer> tokenizer_;
};

TEST_P(BytePairParityTest, Lines) { ExpectLines(*tokenizer_, expected()); }
TEST_P(BytePairParityTest, TruncatedLines) { ExpectTruncation(*tokenizer_, expected()); }
TEST_P(BytePairParityTest, EveryCodePoint) { ExpectCodePoints(*tokenizer_, expected()); }

TEST_P(BytePairParityTest, HostileTexts) {
  const auto& texts = BytePairGoldens()["texts"];
  const std::string digests = expected()["texts"];
  ASSERT_EQ(digests.size(), texts.size() * kDigestDigits);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto& text = texts[i].get_ref<const std::string&>();
    BlockDigest digest;
    digest.Add(tokenizer_->Encode(text, kNoLimit));
    EXPECT_EQ(digest.Hex(), digests.substr(i * kDigestDigits, kDigestDigits))
        << "text " << i << ": " << text.substr(0, 200);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, BytePairParityTest,
                         ::testing::Values("gpt-2", "gpt-2-split", "qwen2", "llama-bpe", "smollm",
                                           "few", "few-unknown"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace coderank
