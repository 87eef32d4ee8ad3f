// Ids equal to the reference tokenizer's, over testdata/goldens.json.zst, which
// scripts/generate_tokenizer_goldens.py writes. Where a digest differs, run
// scripts/check_tokenizer_parity.py on the texts to see which one and how.
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "support/temp_dir.h"
#include "text/utf8.h"
#include "tokenizer/tokenizer.h"

namespace coderank {
namespace {

constexpr size_t kNoLimit = size_t{1} << 30;
// As in the generator.
constexpr size_t kLineBlock = 100;
constexpr char32_t kCodePointBlock = 256;
constexpr size_t kDigestDigits = 16;
constexpr size_t kTruncatedLines = 1000;

nlohmann::json ReadGoldens() {
  const auto packed =
      ReadFile(CODERANK_SOURCE_DIR "/src/tokenizer/testdata/goldens.json.zst", 16 << 20);
  if (!packed) return {};
  const auto size = ZSTD_getFrameContentSize(packed->data(), packed->size());
  std::string text(size < (64U << 20) ? size : 0, '\0');
  const size_t got = ZSTD_decompress(text.data(), text.size(), packed->data(), packed->size());
  return ZSTD_isError(got) ? nlohmann::json() : nlohmann::json::parse(text);
}

const nlohmann::json& Goldens() {
  static const nlohmann::json goldens = ReadGoldens();
  return goldens;
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// Digest of the encodings of a block of texts: for each the number of ids, whether it was
// truncated, and the ids, as little-endian 32-bit numbers.
class BlockDigest {
 public:
  void Add(const Encoding& encoding) {
    Put(static_cast<int32_t>(encoding.ids.size()));
    Put(encoding.truncated ? 1 : 0);
    for (const int32_t id : encoding.ids) Put(id);
  }
  std::string Hex() const { return ToHex(Sha256Of(bytes_)).substr(0, kDigestDigits); }

 private:
  void Put(int32_t value) {
    char raw[sizeof(value)];
    std::memcpy(raw, &value, sizeof(value));
    bytes_.append(raw, sizeof(raw));
  }
  std::string bytes_;
};

void ExpectLines(const Tokenizer& tokenizer, const nlohmann::json& expected) {
  const auto& lines = Goldens()["lines"];
  ASSERT_GE(lines.size(), 20'000U);
  std::string digests;
  for (size_t start = 0; start < lines.size(); start += kLineBlock) {
    BlockDigest block;
    for (size_t i = start; i < std::min(start + kLineBlock, lines.size()); ++i) {
      block.Add(tokenizer.Encode(lines[i].get_ref<const std::string&>(), kNoLimit));
    }
    ASSERT_EQ(block.Hex(), expected["lines"].get_ref<const std::string&>().substr(
                               start / kLineBlock * kDigestDigits, kDigestDigits))
        << "lines from " << start;
  }
}

void ExpectTruncation(const Tokenizer& tokenizer, const nlohmann::json& expected) {
  ASSERT_FALSE(expected["truncated"].empty());
  for (const auto& [limit, digest] : expected["truncated"].items()) {
    BlockDigest block;
    for (size_t i = 0; i < kTruncatedLines; ++i) {
      const std::string line = Goldens()["lines"][i];
      block.Add(tokenizer.Encode(line, std::stoul(limit)));
    }
    EXPECT_EQ(block.Hex(), digest.get_ref<const std::string&>()) << "max_tokens " << limit;
  }
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

void ExpectCodePoints(const Tokenizer& tokenizer, const nlohmann::json& expected) {
  const std::string digests = expected["code_points"];
  ASSERT_EQ(digests.size(), 0x110000 / kCodePointBlock * kDigestDigits);
  for (char32_t first = 0; first < 0x110000; first += kCodePointBlock) {
    BlockDigest block;
    for (char32_t c = first; c < first + kCodePointBlock; ++c) {
      if (c >= 0xD800 && c <= 0xDFFF) continue;
      std::string alone;
      AppendUtf8(c, alone);
      block.Add(tokenizer.Encode("a" + alone + "b", kNoLimit));
      block.Add(tokenizer.Encode(alone, kNoLimit));
    }
    ASSERT_EQ(block.Hex(), digests.substr(first / kCodePointBlock * kDigestDigits, kDigestDigits))
        << "code points from " << static_cast<uint32_t>(first);
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
