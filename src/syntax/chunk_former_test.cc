#include "syntax/chunk_former.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/strings.h"
#include "syntax/chunks_testing.h"

namespace coderank {
namespace {

// A line of 40 characters that begins with `name`.
std::string Line(const std::string& name) {
  return name + std::string(40 - name.size(), '.') + "\n";
}

Definition Define(std::string name, std::string_view text, size_t first, size_t last,
                  DefinitionRole role = DefinitionRole::kWhole) {
  // All lines of these texts have 41 bytes.
  const auto start = static_cast<uint32_t>(first * 41);
  const auto end =
      std::min(static_cast<uint32_t>(last * 41 + 40), static_cast<uint32_t>(text.size()));
  return {.start = start,
          .end = end,
          .name_start = start,
          .signature_end = start + 20,
          .role = role,
          .kind = "function",
          .name = std::move(name),
          .scope = {}};
}

std::string Lines(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += Line(StrCat("line", i));
  return text;
}

TEST(ChunkFormerTest, DefinitionsOfSomeSizeStandAlone) {
  const std::string text = Lines(20);
  Outline outline;
  outline.definitions = {Define("small", text, 0, 1), Define("smaller", text, 2, 2),
                         Define("large", text, 3, 14), Define("end", text, 15, 19)};
  const auto chunks =
      FormChunks(text, outline, {.target_characters = 400, .maximum_characters = 800});
  ASSERT_EQ(chunks.size(), 3U);
  EXPECT_EQ(chunks[0].definitions, (std::vector<std::string>{"small", "smaller"}));
  EXPECT_EQ(chunks[0].symbol, "small");
  EXPECT_EQ(chunks[1].symbol, "large");
  EXPECT_EQ(chunks[1].end_line, 15U);
  EXPECT_EQ(chunks[2].symbol, "end");
}

TEST(ChunkFormerTest, PiecesOfALongDefinitionKnowIt) {
  const std::string text = Lines(40);
  Outline outline;
  outline.definitions = {Define("long", text, 0, 39)};
  const auto chunks =
      FormChunks(text, outline, {.target_characters = 400, .maximum_characters = 800});
  ASSERT_EQ(chunks.size(), 4U);
  EXPECT_EQ(chunks[0].symbol, "long");
  EXPECT_EQ(chunks[0].context, "");
  for (size_t i = 1; i < chunks.size(); ++i) {
    EXPECT_EQ(chunks[i].symbol, "");
    EXPECT_EQ(chunks[i].scope, "long");
    EXPECT_EQ(chunks[i].context, "line0...............");
    EXPECT_TRUE(chunks[i].definitions.empty());
  }
}

TEST(ChunkFormerTest, CommentsAboveBelongToTheDefinition) {
  const std::string text = Lines(30);
  Outline outline;
  outline.definitions = {Define("first", text, 0, 9), Define("second", text, 12, 29)};
  outline.attached = {{.start = 10 * 41, .end = 11 * 41}, {.start = 11 * 41, .end = 12 * 41}};
  const auto chunks =
      FormChunks(text, outline, {.target_characters = 400, .maximum_characters = 800});
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[1].start_line, 11U);
  EXPECT_EQ(chunks[1].symbol, "second");
}

TEST(ChunkFormerTest, CutsWhereTheSyntaxIsShallow) {
  const std::string text = Lines(20);
  Outline outline;
  outline.depths.assign(21, 5);
  outline.depths[8] = 1;  // before the ninth line
  const auto chunks =
      FormChunks(text, outline, {.target_characters = 400, .maximum_characters = 800});
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[1].start_line, 9U);
}

TEST(ChunkFormerTest, WhatNeedNotBeFoundIsNotNamed) {
  const std::string text = Lines(5);
  Outline outline;
  outline.definitions = {Define("Type", text, 0, 4, DefinitionRole::kExtension),
                         Define("method", text, 1, 1),
                         Define("field", text, 2, 2, DefinitionRole::kMember)};
  const auto chunks = FormChunks(text, outline, {});
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].symbol, "Type");  // it is about the type, but does not define it
  EXPECT_EQ(chunks[0].definitions, (std::vector<std::string>{"method", "field"}));
}

TEST(ChunkFormerTest, DeepNestingIsNoRecursionWithoutEnd) {
  constexpr uint32_t kLevels = 100'000;
  const std::string text(2 * kLevels, '(');
  Outline outline;
  for (uint32_t i = 0; i < kLevels; ++i) {
    outline.definitions.push_back({.start = i,
                                   .end = 2 * kLevels - i,
                                   .name_start = i,
                                   .signature_end = i,
                                   .role = DefinitionRole::kContainer,
                                   .kind = "class",
                                   .name = "n",
                                   .scope = {}});
  }
  EXPECT_EQ(FaultOf(text, FormChunks(text, outline, {}), {}), "");
}

// A worker can say anything.
TEST(ChunkFormerTest, AnyOutlineGivesSoundChunks) {
  std::mt19937 random(5);
  const auto below = [&](size_t limit) { return static_cast<uint32_t>(random() % limit); };
  constexpr std::string_view kPieces[] = {"a", " ", "\n", "\n\n", "wörter", "{", "}\r\n", "\t"};
  for (int round = 0; round < 3000; ++round) {
    std::string text = round % 9 == 0 ? "\xEF\xBB\xBF" : "";
    for (size_t i = below(300); i > 0; --i) text += kPieces[below(std::size(kPieces))];
    const size_t beyond = text.size() + 3;
    Outline outline;
    for (size_t i = below(12); i > 0; --i) {
      outline.definitions.push_back({.start = below(beyond),
                                     .end = below(beyond),
                                     .name_start = below(beyond),
                                     .signature_end = below(beyond),
                                     .role = static_cast<DefinitionRole>(below(kDefinitionRoles)),
                                     .kind = "kind",
                                     .name = round % 2 == 0 ? "same" : StrCat("n", i),
                                     .scope = {}});
    }
    for (size_t i = below(6); i > 0; --i) {
      outline.attached.push_back({.start = below(beyond), .end = below(beyond)});
    }
    for (size_t i = below(40); i > 0; --i) outline.depths.push_back(static_cast<uint8_t>(random()));
    const uint32_t target = 1 + below(60);
    const ChunkLimits limits{.target_characters = target, .maximum_characters = target + below(60)};
    ASSERT_EQ(FaultOf(text, FormChunks(text, outline, limits), limits), "") << text;
  }
}

}  // namespace
}  // namespace coderank
