#include "syntax/syntax_chunker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/strings.h"
#include "source/line_window_chunker.h"
#include "syntax/worker_protocol.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kGood = "def answer():\n    return 42\n";

SyntaxChunker Chunker(size_t workers, std::vector<std::string> command = {SYNTAX_WORKER},
                      std::chrono::milliseconds deadline = std::chrono::minutes(5)) {
  return SyntaxChunker({},
                       {.command = std::move(command), .workers = workers, .deadline = deadline});
}

CutFile CutOne(const SyntaxChunker& chunker, std::string_view text) {
  const SourceText file{.content = text, .language = "python"};
  return chunker.CutAll({&file, 1}).front();
}

void ExpectGood(const CutFile& file) {
  EXPECT_EQ(file.lost_syntax, "");
  ASSERT_EQ(file.chunks.size(), 1U);
  EXPECT_EQ(file.chunks.front().symbol, "answer");
}

// It is in chunks as it would be without a grammar.
void ExpectByLines(const CutFile& file, std::string_view reason) {
  EXPECT_THAT(file.lost_syntax, HasSubstr(reason));
  ASSERT_EQ(file.chunks.size(), 1U);
  EXPECT_EQ(file.chunks.front().symbol, "");
}

TEST(SyntaxChunkerTest, ManyFilesComeBackInOrder) {
  std::vector<std::string> texts;
  std::vector<SourceText> files;
  for (int i = 0; i < 300; ++i) {
    texts.push_back(StrCat("def f", i, "():\n",
                           std::string(static_cast<size_t>(i % 50) * 100, '\n'), "    return 1\n"));
  }
  for (const std::string& text : texts) files.push_back({.content = text, .language = "python"});
  files[7].language = "a language without a grammar";
  for (const size_t workers : {1U, 3U}) {
    const auto cut = Chunker(workers).CutAll(files);
    ASSERT_EQ(cut.size(), files.size());
    for (size_t i = 0; i < cut.size(); ++i) {
      EXPECT_EQ(cut[i].lost_syntax, "");
      ASSERT_EQ(cut[i].chunks.size(), 1U);
      EXPECT_EQ(cut[i].chunks.front().symbol, i == 7 ? "" : StrCat("f", i));
    }
  }
}

TEST(SyntaxChunkerTest, ACrashCostsOneFileItsSyntax) {
  const SyntaxChunker chunker = Chunker(2);
  const std::vector<SourceText> files = {{.content = kGood, .language = "python"},
                                         {.content = "CRASH = 1\n", .language = "python"},
                                         {.content = kGood, .language = "python"},
                                         {.content = "EXIT = 1\n", .language = "python"},
                                         {.content = kGood, .language = "python"}};
  const auto cut = chunker.CutAll(files);
  ExpectGood(cut[0]);
  ExpectByLines(cut[1], "crashed");
  ExpectGood(cut[2]);
  ExpectByLines(cut[3], "ended");
  ExpectGood(cut[4]);
  ExpectGood(CutOne(chunker, kGood));
}

TEST(SyntaxChunkerTest, AHangEndsAtTheLimitOfCpuTime) {
  const SyntaxChunker chunker = Chunker(1);
  ExpectByLines(CutOne(chunker, "HANG = 1\n"), "too much time");
  ExpectGood(CutOne(chunker, kGood));
}

TEST(SyntaxChunkerTest, GrowthEndsAtTheLimitOfMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers reserve more addresses than the limit";
#endif
  const SyntaxChunker chunker = Chunker(1);
  ExpectByLines(CutOne(chunker, "GROW = 1\n"), "too much memory");
  ExpectGood(CutOne(chunker, kGood));
}

TEST(SyntaxChunkerTest, AWorkerThatDoesNotAnswerIsEnded) {
  const SyntaxChunker chunker =
      Chunker(1, {"/bin/sh", "-c", "kill -STOP $$"}, std::chrono::milliseconds(50));
  ExpectByLines(CutOne(chunker, kGood), "did not answer");
}

TEST(SyntaxChunkerTest, AProgramThatIsNoWorkerCostsOnlySyntax) {
  ExpectByLines(CutOne(Chunker(1, {"/bin/true"}), kGood), "ended");
  ExpectByLines(CutOne(Chunker(1, {"/nonexistent"}), kGood), "cannot start");
  // It says something, but no reply, and lives until nobody listens.
  ExpectByLines(
      CutOne(Chunker(1, {"/bin/sh", "-c", "echo what is this >&0; cat <&0 >/dev/null"}), kGood),
      "too large");
}

TEST(SyntaxChunkerTest, WorkersThatAlwaysFailAreNotStartedForever) {
  const SyntaxChunker chunker = Chunker(2, {"/bin/false"});
  std::vector<SourceText> files(200, {.content = kGood, .language = "python"});
  const auto cut = chunker.CutAll(files);
  ExpectByLines(cut.front(), "status 1");
  ExpectByLines(cut.back(), "too often");
}

TEST(SyntaxChunkerTest, HugeFilesAreNotParsed) {
  std::string text;
  while (text.size() <= kMaximumParsedBytes) text += "value = 1\n";
  const CutFile file = CutOne(Chunker(1, {"/nonexistent"}), text);
  EXPECT_THAT(file.lost_syntax, HasSubstr("too large"));
  EXPECT_EQ(file.chunks.size(), LineWindowChunker({}).Cut(text, "python").size());
}

TEST(SyntaxChunkerTest, NestedBracketsAreSurvived) {
  const SyntaxChunker chunker = Chunker(1);
  const std::string open(100'000, '[');
  for (const char* language : {"python", "javascript", "json", "cpp", "haskell", "bash"}) {
    const SourceText file{.content = open, .language = language};
    EXPECT_FALSE(chunker.CutAll({&file, 1}).front().chunks.empty()) << language;
  }
}

TEST(SyntaxChunkerTest, VersionNamesLimits) {
  const SyntaxOptions options{.command = {"x"}};
  EXPECT_NE(SyntaxChunker({}, options).Version(),
            SyntaxChunker({.target_characters = 900}, options).Version());
}

}  // namespace
}  // namespace coderank
