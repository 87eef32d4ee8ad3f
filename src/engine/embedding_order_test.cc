#include "engine/embedding_order.h"

#include <gtest/gtest.h>

#include <ctime>
#include <map>
#include <string>

#include "support/temp_dir.h"

namespace coderank {
namespace {

constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;

class EmbeddingOrderTest : public ::testing::Test {
 protected:
  EmbeddingOrderTest() {
    auto lock = IndexLock::Acquire(folder_.path(), [] { return false; });
    store_.emplace(*IndexStore::OpenForWriting(folder_.path(), *std::move(lock), "id"));
  }

  // A file of one chunk, read `hours` ago.
  void Add(const std::string& path, int64_t hours, const std::string& text) {
    const int64_t now = int64_t{std::time(nullptr)} * 1'000'000'000;
    NewFile file{.path = path, .stamp = {.mtime_ns = now - hours * kHour}, .language = {}};
    const std::vector<NewChunk> chunks = {{.start_line = 1, .end_line = 1, .text = text}};
    ASSERT_TRUE(store_->ReplaceFile(file, chunks).ok());
  }
  // Enough for the order to matter.
  void AddOthers() {
    for (int i = 0; i < 600; ++i) {
      Add("other/" + std::to_string(1000 + i) + ".cc", 1000, "text " + std::to_string(i));
    }
  }
  // The place of each text in the order.
  std::map<std::string, size_t> Places() const {
    std::map<std::string, size_t> places;
    const auto order = *EmbeddingOrder(*store_);
    for (size_t i = 0; i < order.size(); ++i) places[*store_->TextOf(order[i].id)] = i;
    EXPECT_EQ(places.size(), order.size()) << "every text once";
    return places;
  }

  testing::TempDir folder_;
  std::optional<IndexStore> store_;
};

TEST_F(EmbeddingOrderTest, RecentlyChangedThenMostReferencedThenByPath) {
  AddOthers();
  Add("z/popular.cc", 1000, "the popular one");
  Add("z/known.cc", 1000, "the known one");
  Add("z/latest.cc", 1, "the latest");
  Add("z/late.cc", 2, "the late");
  Add("y/user1.cc", 1000, "#include \"popular.h\"\n#include \"known.h\"");
  Add("y/user2.cc", 1000, "from z import popular popular popular");
  const auto places = Places();
  EXPECT_EQ(places.size(), 606U);
  EXPECT_EQ(places.at("the latest"), 0U);
  EXPECT_EQ(places.at("the late"), 1U);
  EXPECT_EQ(places.at("the popular one"), 2U);
  EXPECT_EQ(places.at("the known one"), 3U);
  EXPECT_EQ(places.at("text 0"), 4U);
  EXPECT_EQ(places.at("text 599"), 603U);
}

TEST_F(EmbeddingOrderTest, FreshCheckoutHasNoRecentFiles) {
  for (int i = 0; i < 600; ++i) {
    Add(std::to_string(1000 + i) + ".cc", 0, "text " + std::to_string(i));
  }
  Add("parser/__init__.py", 0, "the package");
  Add("user.py", 0, "from parser import parse");
  EXPECT_EQ(Places().at("the package"), 0U) << "named by its folder";
}

TEST_F(EmbeddingOrderTest, TextOfSeveralFilesTakesItsBestPlace) {
  AddOthers();
  Add("z/old.cc", 1000, "shared");
  Add("z/new.cc", 1, "shared");
  EXPECT_EQ(Places().at("shared"), 0U);
}

}  // namespace
}  // namespace coderank
