// Several threads search one index at once; pages are verified by whoever comes first.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "lexical/lexical_testing.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using lexical_testing::TestDocument;

TEST(LexicalThreads, SearchOneIndexAtOnce) {
  const testing::TempDir folder;
  std::vector<TestDocument> documents;
  std::mt19937 random(12);
  for (int64_t id = 0; id < 1000; ++id) {
    std::string body;
    for (int i = 0; i < 50; ++i) body += "word" + std::to_string(random() % 4000) + "x ";
    documents.push_back({id, "file" + std::to_string(id / 9) + ".cc", body});
  }
  lexical_testing::WriteBase(folder.path() / "base", documents);
  const auto answers = [](const LexicalIndex& index) {
    std::vector<std::vector<int64_t>> all;
    for (int i = 0; i < 200; ++i) {
      const std::string text = "word" + std::to_string(i * 7) + "x word" + std::to_string(i) + "x";
      const auto hits = index.Search(MakeLexicalQuery(text), 10, index.present());
      all.push_back(hits ? lexical_testing::ChunkIds(*hits) : std::vector<int64_t>{-1});
    }
    return all;
  };
  const auto expected = answers(lexical_testing::OpenIndex(folder.path() / "base"));
  const LexicalIndex shared = lexical_testing::OpenIndex(folder.path() / "base");
  std::vector<std::vector<std::vector<int64_t>>> found(4);
  std::vector<std::thread> threads;
  for (auto& own : found) threads.emplace_back([&] { own = answers(shared); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& own : found) EXPECT_EQ(own, expected);
}

}  // namespace
}  // namespace coderank
