// A segment with anything wrong in it gives an error or the right answer, and never a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "lexical/lexical_index.h"
#include "lexical/lexical_testing.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using lexical_testing::kIndexId;
using lexical_testing::TestDocument;
using testing::TempDir;

std::vector<TestDocument> Documents() {
  std::vector<TestDocument> documents;
  std::mt19937 random(8);
  for (int64_t id = 0; id < 400; ++id) {
    std::string body = "common ";
    for (int i = 0; i < 40; ++i) body += "word" + std::to_string(random() % 5000) + "x ";
    documents.push_back(
        {id, "folder/file" + std::to_string(id / 3) + ".cc", body, "Name", "", "cpp"});
  }
  return documents;
}

// Aligned as a mapping is.
struct AlignedBytes {
  explicit AlignedBytes(std::string_view from) : words(from.size() / 8 + 1), size(from.size()) {
    std::memcpy(words.data(), from.data(), size);
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words)).first(size); }
  std::vector<uint64_t> words;
  size_t size;
};

// The ids that some searches find, with their scores; nothing if one of them, or opening, fails.
std::optional<std::vector<std::pair<int64_t, double>>> Answer(std::string_view segment_bytes) {
  const AlignedBytes aligned(segment_bytes);
  auto segment = LexicalSegment::Parse(aligned.bytes(), "test", kIndexId);
  if (!segment) return std::nullopt;
  const auto index = LexicalIndex::Create(*std::move(segment));
  if (!index) return std::nullopt;
  std::vector<std::pair<int64_t, double>> answer;
  for (uint32_t number = 0; number < index->file_count(); ++number) {
    answer.emplace_back(index->file(number).path.size(), index->file(number).language.size());
  }
  for (const char* query :
       {"common word17x", "word1x word2x word3x word4x", "name folder", "none"}) {
    const auto hits = index->Search(MakeLexicalQuery(query), 20, index->present());
    if (!hits) {
      EXPECT_EQ(hits.error().code(), StatusCode::kCorrupt);
      return std::nullopt;
    }
    for (const LexicalHit& hit : *hits) answer.emplace_back(hit.chunk_id, hit.score);
  }
  return answer;
}

class SegmentDamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path = folder_.path() / "base";
    lexical_testing::WriteBase(path, Documents());
    bytes_ = *ReadFile(path, uint64_t{1} << 30);
    answer_ = *Answer(bytes_);
  }

  TempDir folder_;
  std::string bytes_;
  std::vector<std::pair<int64_t, double>> answer_;
};

TEST_F(SegmentDamageTest, EveryChangedByteIsNoticedOrHarmless) {
  ASSERT_GT(bytes_.size(), 2 * segment_format::kPageBytes);
  std::mt19937 random(10);
  int noticed = 0;
  for (size_t at = 0; at < bytes_.size(); at += 1 + random() % 200) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random() % 255));
    const auto answer = Answer(damaged);
    if (!answer) {
      ++noticed;
    } else {
      ASSERT_EQ(*answer, answer_) << at;
    }
  }
  EXPECT_GT(noticed, 100);
}

TEST_F(SegmentDamageTest, EveryCutIsNoticed) {
  std::mt19937 random(11);
  for (size_t size = 0; size < bytes_.size(); size += 1 + random() % 400) {
    ASSERT_FALSE(Answer(std::string_view(bytes_).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(Answer(bytes_ + "x").has_value());
  EXPECT_FALSE(Answer("").has_value());
}

TEST_F(SegmentDamageTest, OtherIndexesAndKindsAreRefused) {
  const AlignedBytes aligned(bytes_);
  const auto other = LexicalSegment::Parse(aligned.bytes(), "test", "another index");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code(), StatusCode::kFailedPrecondition);
  std::string kind = bytes_;
  kind[0] = 'X';
  const auto parsed = LexicalSegment::Parse(AlignedBytes(kind).bytes(), "test", kIndexId);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(parsed.error().message(), ::testing::HasSubstr("test: expected a lexical segment"));
  EXPECT_EQ(LexicalSegment::Open(folder_.path() / "none", kIndexId).error().code(),
            StatusCode::kNotFound);
}

}  // namespace
}  // namespace coderank
