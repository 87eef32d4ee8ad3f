#include "source/line_window_chunker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <string>

#include "base/file.h"
#include "base/strings.h"
#include "text/utf8.h"

namespace coderank {
namespace {

bool IsBlank(char c) { return std::string_view(" \t\r\n\v\f").find(c) != std::string::npos; }

uint64_t CountCharacters(std::string_view text) {
  return static_cast<uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return !IsBlank(c) && (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

uint32_t LineOf(std::string_view text, uint64_t byte) {
  return 1 + static_cast<uint32_t>(
                 std::count(text.begin(), text.begin() + static_cast<long>(byte), '\n'));
}

std::vector<Chunk> Cut(std::string_view text, ChunkLimits limits = {}) {
  return LineWindowChunker(limits).Cut(text, "");
}

// Everything that has to hold for any text.
void ExpectSound(std::string_view text, const ChunkLimits& limits) {
  uint64_t covered_to = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const auto blank = [&](uint64_t from, uint64_t to) {
    const auto part = text.substr(from, to - from);
    return std::all_of(part.begin(), part.end(), IsBlank);
  };
  for (const Chunk& chunk : Cut(text, limits)) {
    ASSERT_LE(covered_to, chunk.start_byte);
    ASSERT_LT(chunk.start_byte, chunk.end_byte);
    ASSERT_LE(chunk.end_byte, text.size());
    ASSERT_TRUE(blank(covered_to, chunk.start_byte));
    ASSERT_FALSE(IsBlank(text[chunk.end_byte - 1]));
    const std::string_view body = text.substr(chunk.start_byte, chunk.end_byte - chunk.start_byte);
    ASSERT_LE(CountCharacters(body), limits.maximum_characters);
    ASSERT_NE(static_cast<unsigned char>(body.front()) & 0xC0U, 0x80U) << "cut inside a character";
    ASSERT_FALSE(blank(chunk.start_byte, std::min(text.find('\n', chunk.start_byte), text.size())));
    ASSERT_EQ(chunk.start_line, LineOf(text, chunk.start_byte));
    ASSERT_EQ(chunk.end_line, LineOf(text, chunk.end_byte));
    const bool whole_lines =
        (chunk.start_byte == 0 || text[chunk.start_byte - 1] == '\n' || chunk.start_byte == 3);
    ASSERT_TRUE(chunk.cut || whole_lines);
    covered_to = chunk.end_byte;
  }
  ASSERT_TRUE(blank(covered_to, text.size()));
}

TEST(LineWindowChunkerTest, BlankTextHasNoChunks) {
  EXPECT_TRUE(Cut("").empty());
  EXPECT_TRUE(Cut(" \n\t\r\n\n").empty());
  EXPECT_TRUE(Cut("\xEF\xBB\xBF\n").empty());
}

TEST(LineWindowChunkerTest, BlankLinesAroundAreTrimmed) {
  const auto chunks = Cut("\r\n\n  first\r\nlast  \r\n\n");
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].start_byte, 3U);  // indentation stays
  EXPECT_EQ(chunks[0].end_byte, 16U);
  EXPECT_EQ(chunks[0].start_line, 3U);
  EXPECT_EQ(chunks[0].end_line, 4U);
  EXPECT_FALSE(chunks[0].cut);
}

TEST(LineWindowChunkerTest, ByteOrderMarkIsBlankAndOffsetsAreTheFiles) {
  const auto chunks =
      Cut("\xEF\xBB\xBF"
          "abc");
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].start_byte, 3U);
  EXPECT_EQ(chunks[0].end_byte, 6U);
}

// Forty functions of five lines: every chunk should begin at one.
TEST(LineWindowChunkerTest, ChunksBeginAtDefinitions) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text +=
        StrCat("int Function", i, "(int a) {\n  int sum = a + 12345;\n  if (a) {\n    Call();\n",
               "  }\n  return sum;\n}\n", i % 2 == 0 ? "\n" : "");
  }
  const auto chunks = Cut(text, {200, 400});
  EXPECT_GT(chunks.size(), 8U);
  for (const Chunk& chunk : chunks) {
    EXPECT_TRUE(text.substr(chunk.start_byte).starts_with("int Function"))
        << text.substr(chunk.start_byte, 40);
  }
}

TEST(LineWindowChunkerTest, LongLinesAreCutAndFlagged) {
  std::string line;
  for (int i = 0; i < 50; ++i) line += "\xC3\xA9 ";
  const auto chunks = Cut("head\n" + line + "\ntail\n", {20, 40});
  ASSERT_EQ(chunks.size(), 5U);
  EXPECT_FALSE(chunks.front().cut);
  for (size_t i = 1; i <= 3; ++i) {
    EXPECT_TRUE(chunks[i].cut);
    EXPECT_EQ(chunks[i].start_line, 2U);
    EXPECT_EQ(chunks[i].end_line, 2U);
  }
  EXPECT_EQ(chunks[1].end_byte - chunks[1].start_byte, 17 * 3 - 1U);  // 17 of 50, no blank at end
  EXPECT_FALSE(chunks.back().cut);
  ExpectSound("head\n" + line + "\ntail\n", {20, 40});
}

TEST(LineWindowChunkerTest, ATinyEndJoinsTheChunkBefore) {
  const std::string block(90, 'x');
  EXPECT_EQ(Cut(block + "\n" + block + "\nend\n", {100, 200}).size(), 2U);
  EXPECT_EQ(Cut(block + "\n" + block + "\nend\n", {90, 92}).size(), 3U);  // does not fit
}

TEST(LineWindowChunkerTest, LimitsBelowOneAreRaised) {
  ExpectSound("a\nbb c\n", {1, 1});
  EXPECT_EQ(Cut("a\nbb", {0, 0}).size(), 3U);
}

TEST(LineWindowChunkerTest, RandomTextsAreSound) {
  std::mt19937 random(3);
  const std::vector<std::string> pieces{"a",
                                        "bc",
                                        " ",
                                        "  ",
                                        "\t",
                                        "\n",
                                        "\n",
                                        "\r\n",
                                        "\n\n",
                                        "}",
                                        "{",
                                        "\xC3\xA9",
                                        "\xF0\x9F\x98\x80",
                                        "word",
                                        "\r",
                                        "\f"};
  for (int round = 0; round < 4000; ++round) {
    std::string text = round % 7 == 0 ? "\xEF\xBB\xBF" : "";
    for (size_t i = random() % 200; i > 0; --i) text += pieces[random() % pieces.size()];
    const auto target = static_cast<uint32_t>(1 + random() % 40);
    const ChunkLimits limits{target, target + static_cast<uint32_t>(random() % 40)};
    ASSERT_NO_FATAL_FAILURE(ExpectSound(text, limits)) << text;
  }
}

TEST(LineWindowChunkerTest, RealSourcesAreSound) {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           std::filesystem::path(CODERANK_SOURCE_DIR) / "src")) {
    if (!entry.is_regular_file()) continue;
    const auto text = ReadFile(entry.path(), uint64_t{1} << 20);
    ASSERT_TRUE(text);
    if (!IsValidUtf8(*text)) continue;  // compressed test data
    ASSERT_NO_FATAL_FAILURE(ExpectSound(*text, {})) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 20);
}

TEST(LineWindowChunkerTest, HugeLinesAndManyLinesAreLinear) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Cut(std::string(20'000'000, 'x')).size(), 20'000U);
  EXPECT_TRUE(Cut(std::string(20'000'000, '\n')).empty());
  std::string lines;
  for (int i = 0; i < 2'000'000; ++i) lines += "x\n";
  EXPECT_GT(Cut(lines).size(), 1000U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace coderank
