// What the parity tests share: goldens as the generator scripts write them, and digests of ids.
#pragma once

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "text/utf8.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

inline constexpr size_t kNoLimit = size_t{1} << 30;
// As in the generators.
inline constexpr size_t kLineBlock = 100;
inline constexpr char32_t kCodePointBlock = 256;
inline constexpr size_t kDigestDigits = 16;
inline constexpr size_t kTruncatedLines = 1000;

// Null where the file cannot be read.
inline nlohmann::json ReadTokenizerGoldens(std::string_view name) {
  const auto packed =
      ReadFile(StrCat(CODERANK_SOURCE_DIR "/src/tokenizer/testdata/", name), 16 << 20);
  if (!packed) return {};
  const auto size = ZSTD_getFrameContentSize(packed->data(), packed->size());
  std::string text(size < (64U << 20) ? size : 0, '\0');
  const size_t got = ZSTD_decompress(text.data(), text.size(), packed->data(), packed->size());
  return ZSTD_isError(got) ? nlohmann::json() : nlohmann::json::parse(text);
}

// The lines and the expectations for WordPiece.
inline const nlohmann::json& Goldens() {
  static const nlohmann::json goldens = ReadTokenizerGoldens("goldens.json.zst");
  return goldens;
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

inline void ExpectLines(const Tokenizer& tokenizer, const nlohmann::json& expected) {
  const auto& lines = Goldens()["lines"];
  ASSERT_GE(lines.size(), 20'000U);
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

inline void ExpectTruncation(const Tokenizer& tokenizer, const nlohmann::json& expected) {
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

inline void ExpectCodePoints(const Tokenizer& tokenizer, const nlohmann::json& expected) {
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

}  // namespace coderank
