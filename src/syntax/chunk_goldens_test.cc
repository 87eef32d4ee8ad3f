// Samples of every language, and their chunks as text beside them.
//
// CODERANK_UPDATE_GOLDENS=1 writes what comes out instead of comparing. The limits are small, so
// that small samples show how large files are cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/strings.h"
#include "source/language.h"
#include "syntax/chunk_former.h"
#include "syntax/chunks_testing.h"
#include "syntax/languages.h"
#include "syntax/outline_builder.h"
#include "text/utf8.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

constexpr ChunkLimits kLimits{.target_characters = 200, .maximum_characters = 400};
constexpr uint64_t kMaximumSampleBytes = uint64_t{1} << 20;

fs::path Samples() { return fs::path(CODERANK_SOURCE_DIR) / "src/syntax/testdata"; }

// <language>/<file>, without the goldens.
std::vector<std::string> SampleNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(Samples())) {
    if (!entry.is_regular_file() || entry.path().extension() == ".chunks") continue;
    names.push_back(entry.path().lexically_relative(Samples()).native());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string Described(const std::vector<Chunk>& chunks) {
  std::string text;
  for (const Chunk& chunk : chunks) {
    text += StrCat(chunk.start_line, "-", chunk.end_line, chunk.cut ? " cut" : "", "\n");
    if (!chunk.symbol.empty()) text += StrCat("  ", chunk.kind, " ", chunk.symbol, "\n");
    if (!chunk.scope.empty()) text += StrCat("  in ", chunk.scope, "\n");
    for (const std::string& name : chunk.definitions) text += StrCat("  defines ", name, "\n");
    size_t at = 0;
    while (at < chunk.context.size()) {
      const size_t end = std::min(chunk.context.find('\n', at), chunk.context.size());
      text += StrCat("  | ", chunk.context.substr(at, end - at), "\n");
      at = end + 1;
    }
  }
  return text;
}

class ChunkGoldensTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::string Text() const { return *ReadFile(Samples() / GetParam(), kMaximumSampleBytes); }
  const Language& LanguageOf(std::string_view text) const {
    const Language* language = FindLanguage(DetectLanguage(GetParam(), text));
    EXPECT_NE(language, nullptr) << GetParam();
    return *language;
  }
  OutlineBuilder builder_;
};

TEST_P(ChunkGoldensTest, ChunksAreAsWritten) {
  const std::string text = Text();
  const auto outline = builder_.Build(LanguageOf(text), text);
  ASSERT_TRUE(outline) << outline.error().message();
  const std::string found = Described(FormChunks(text, *outline, kLimits));
  const fs::path golden = Samples() / (GetParam() + ".chunks");
  if (std::getenv("CODERANK_UPDATE_GOLDENS") != nullptr) {
    ASSERT_TRUE(WriteFileAtomically(golden, found, 0644).ok());
  }
  const auto expected = ReadFile(golden, kMaximumSampleBytes);
  ASSERT_TRUE(expected) << expected.error().message();
  EXPECT_EQ(found, *expected) << "after a wanted change, run with CODERANK_UPDATE_GOLDENS=1";
}

// Whatever happens to a text, its chunks are sound; most of these have no valid syntax.
TEST_P(ChunkGoldensTest, DamagedSamplesAreSound) {
  const std::string text = Text();
  const Language& language = LanguageOf(text);
  std::vector<std::string> variants;
  for (size_t end = 0; end < text.size(); end += 1 + text.size() / 40) {
    variants.push_back(text.substr(0, end));
    variants.push_back(text.substr(end));
    std::string hole = text;
    hole.erase(end, 7);
    variants.push_back(hole);
    hole.insert(end, "\"'`{([</*\n");
    variants.push_back(hole);
  }
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  variants.push_back(crlf);
  variants.push_back("\xEF\xBB\xBF" + text);
  std::string one_line = text;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  variants.push_back(one_line);
  for (const std::string& variant : variants) {
    const std::string valid = ToValidUtf8(variant);
    const auto outline = builder_.Build(language, valid);
    const auto chunks = FormChunks(valid, outline ? *outline : Outline{}, kLimits);
    ASSERT_EQ(FaultOf(valid, chunks, kLimits), "") << valid;
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, ChunkGoldensTest, ::testing::ValuesIn(SampleNames()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(ChunkGoldensTest, EveryLanguageHasASample) {
  std::set<std::string> sampled;
  for (const std::string& name : SampleNames()) {
    sampled.insert(std::string(DetectLanguage(name, "")));
  }
  for (const Language& language : AllLanguages()) {
    EXPECT_TRUE(sampled.contains(std::string(language.name))) << language.name;
  }
}

}  // namespace
}  // namespace coderank
