#include "migration/truncation_log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using qdrant::PointId;

class TruncationLogTest : public ::testing::Test {
 protected:
  TruncationLog Open() const { return *TruncationLog::Open(file_); }

  testing::TempDir dir_;
  std::filesystem::path file_ = dir_.path() / "new" / "log";
};

TEST_F(TruncationLogTest, IsRememberedByTheNextRun) {
  TruncationLog log = Open();
  const std::vector<PointId> first = {PointId(1), PointId(2)};
  ASSERT_TRUE(log.Note({}, first).ok());
  ASSERT_TRUE(log.Note({}, first).ok()) << "counts once";
  EXPECT_EQ(log.size(), 2U);
  EXPECT_EQ(Open().size(), 2U);
  const std::vector<PointId> shortened = {PointId(2)};
  ASSERT_TRUE(log.Note(shortened, {}).ok());
  EXPECT_EQ(Open().size(), 1U);
  ASSERT_TRUE(log.Clear().ok());
  EXPECT_EQ(log.size(), 0U);
  EXPECT_EQ(Open().size(), 0U);
}

TEST_F(TruncationLogTest, ALineThatAKillCutShortIsNoPoint) {
  TruncationLog log = Open();
  const std::vector<PointId> first = {PointId(12)};
  ASSERT_TRUE(log.Note({}, first).ok());
  std::ofstream(file_, std::ios::app) << "+3";
  TruncationLog again = Open();
  EXPECT_EQ(again.size(), 1U);
  const std::vector<PointId> next = {PointId(45)};
  ASSERT_TRUE(again.Note({}, next).ok());
  TruncationLog last = Open();
  // "+3" counts now that a line end follows it; the points of a cut line are written again anyway.
  const std::vector<PointId> three = {PointId(3)};
  ASSERT_TRUE(last.Note(three, {}).ok());
  EXPECT_EQ(last.size(), 2U);
}

}  // namespace
}  // namespace coderank
