#include "migration/text_parts.h"

#include <gtest/gtest.h>

#include <string>

#include "kernels/kernel_set.h"
#include "migration/text_key.h"

namespace coderank {
namespace {

using qdrant::Point;
using qdrant::PointId;

// Reads ten bytes of a text.
class ShortSighted : public Embedder {
 public:
  size_t dimension() const override { return 2; }
  const std::string& fingerprint() const override { return fingerprint_; }
  Result<std::vector<Embedding>> Embed(TextRole, std::span<const std::string_view> texts,
                                       EmbedOptions, const CancellationToken*) const override {
    std::vector<Embedding> made;
    for (const std::string_view text : texts) {
      made.push_back(
          {.vector = {1, 0}, .token_ids = {}, .tokens = 1, .truncated = text.size() > 10});
    }
    return made;
  }
  std::unique_ptr<Embedder> OnPool(ThreadPool&) const override { return nullptr; }

 private:
  std::string fingerprint_ = "short";
};

class TextPartsTest : public ::testing::Test {
 protected:
  std::vector<Point> Parts(const std::string& text) {
    parent_ = {.id = PointId(7), .payload = {{"a", {{"text", text}}}, {"b", 1}}, .vector = {}};
    auto parts = PartsOf(parent_, "a.text", vectors_, nullptr);
    EXPECT_TRUE(parts);
    return *std::move(parts);
  }

  ShortSighted embedder_;
  DocumentVectors vectors_{embedder_, *kernels::ChooseKernels().value(), nullptr, {}};
  Point parent_;
};

TEST_F(TextPartsTest, TogetherTheyAreTheText) {
  const std::string text = "one two three four five six seven eight nine ten";
  const auto parts = Parts(text);
  ASSERT_GT(parts.size(), 3U);
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string part = TextOf(parts[i], "a.text");
    EXPECT_LE(part.size(), 10U);
    EXPECT_EQ(parts[i].payload["b"], 1);
    EXPECT_EQ(parts[i].payload["coderank_part"], i + 2);
    EXPECT_TRUE(IsPart(parts[i], "short"));
    EXPECT_FALSE(IsPart(parts[i], "another"));
    joined += part;
  }
  EXPECT_TRUE(text.ends_with(joined));
  EXPECT_LE(text.size() - joined.size(), 10U) << "the first part is the parent's";
}

TEST_F(TextPartsTest, NoCharacterIsCut) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\u20ac";
  for (const Point& part : Parts(text)) {
    EXPECT_EQ(TextOf(part, "a.text").size() % 3, 0U);
  }
}

TEST_F(TextPartsTest, LinesAndWordsStayWhole) {
  EXPECT_EQ(MiddleOf("first line\nsecond line"), 11U);
  EXPECT_EQ(MiddleOf("aaaaaaaaa bbbbbbb"), 10U);
  EXPECT_EQ(MiddleOf("abcdef"), 3U);
  EXPECT_EQ(MiddleOf("a\nbcdefghijklmnop"), 8U) << "too far from the middle";
}

TEST_F(TextPartsTest, OnlyItsOwnIdMakesAPart) {
  Point point = Parts("one two three four").front();
  point.id = PointId(9);
  EXPECT_FALSE(IsPart(point, "short"));
  EXPECT_FALSE(IsPart(parent_, "short"));
}

}  // namespace
}  // namespace coderank
