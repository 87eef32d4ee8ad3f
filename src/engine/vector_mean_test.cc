#include "engine/vector_mean.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/scratch_folder.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;

constexpr uint16_t kOne = 0x3C00;  // 1 in binary16
constexpr uint64_t kMany = 1'000'000;

class VectorMeanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto lock = IndexLock::Acquire(folder_->path(), [] { return false; });
    ASSERT_TRUE(lock);
    auto store = IndexStore::OpenForWriting(folder_->path(), *std::move(lock), "an id");
    ASSERT_TRUE(store) << store.error().message();
    store_.emplace(*std::move(store));
  }
  // One text with this vector.
  void Add(const std::string& text, const std::vector<uint16_t>& row) {
    const std::vector<NewChunk> chunks = {{.start_line = 1, .end_line = 1, .text = text}};
    auto transaction = store_->Begin();
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(store_->ReplaceFile({.path = text, .stamp = {}, .language = "cpp"}, chunks).ok());
    const auto pending = store_->Pending(0, 10);
    ASSERT_EQ(pending->size(), 1U);
    ASSERT_TRUE(store_->StoreVector(pending->front().id, row, 1, false).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  std::vector<float> Mean() const { return *VectorMean(*store_, kernels_); }
  void Keep(uint64_t vectors, uint64_t changes) {
    ASSERT_TRUE(KeepVectorMean(*store_, kernels_, vectors, changes).ok());
  }

  Result<ScratchFolder> folder_ = ScratchFolder::Create();
  std::optional<IndexStore> store_;
  const kernels::KernelSet& kernels_ = **kernels::ChooseKernels();
};

TEST_F(VectorMeanTest, IsComputedWhereNoneIsKept) {
  EXPECT_TRUE(Mean().empty());
  Add("a", {kOne, 0});
  Add("b", {0, kOne});
  EXPECT_THAT(Mean(), ElementsAre(0.5F, 0.5F));
  for (const char* damage : {"", "3", "x 1 1", "3 0.5", "3 0.5 0.5 0.5", "3 0.5 oh"}) {
    ASSERT_TRUE(store_->SetMeta("vector_mean", damage).ok());
    EXPECT_THAT(Mean(), ElementsAre(0.5F, 0.5F)) << damage;
  }
}

TEST_F(VectorMeanTest, LeavesOutRowsThatAreNoUnitVectors) {
  Add("a", {kOne, 0});
  Add("damaged", {0x7C00, 0});  // infinity
  EXPECT_THAT(Mean(), ElementsAre(1.0F, 0.0F));
}

// Told of many more vectors than there are, so that it takes reading them for long work.
TEST_F(VectorMeanTest, StaysUntilOneInTwentyHasChanged) {
  Add("a", {kOne, 0});
  Keep(kMany, kMany);
  Add("b", {0, kOne});
  Keep(kMany, kMany / 40);
  EXPECT_THAT(Mean(), ElementsAre(1.0F, 0.0F)) << "as it was";
  Keep(kMany, kMany / 40);
  EXPECT_THAT(Mean(), ElementsAre(1.0F, 0.0F)) << "one in twenty";
  Keep(kMany, 1);
  EXPECT_THAT(Mean(), ElementsAre(0.5F, 0.5F)) << "the changes add up";
}

TEST_F(VectorMeanTest, OfFewIsComputedAfterEveryChange) {
  Add("a", {kOne, 0});
  Keep(1, 1);
  Add("b", {0, kOne});
  Keep(2, 0);
  EXPECT_THAT(Mean(), ElementsAre(1.0F, 0.0F)) << "told of no change";
  Keep(2, 1);
  EXPECT_THAT(Mean(), ElementsAre(0.5F, 0.5F));
}

}  // namespace
}  // namespace coderank
