#include "migration/push_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/scratch_folder.h"

namespace coderank {
namespace {

constexpr std::string_view kTarget = "index\nhttp://localhost:6333\ncode";

class PushLedgerTest : public ::testing::Test {
 protected:
  PushLedger Filled() const {
    PushLedger ledger{.generation = {.chunks = 7, .vectors = 9}, .entries = {}};
    for (int64_t chunk = 3; chunk < 40; chunk += 2) {
      ledger.Add(chunk, qdrant::PointId::OfName(std::to_string(chunk)));
    }
    return ledger;
  }
  // Without a sync, unlike WriteFileAtomically.
  void Overwrite(std::string_view content) const {
    std::ofstream(file(), std::ios::binary) << content;
  }
  std::filesystem::path file() const { return folder_->path() / "ledger"; }

  Result<ScratchFolder> folder_ = ScratchFolder::Create();
};

TEST_F(PushLedgerTest, ComesBackAsItWas) {
  const PushLedger written = Filled();
  ASSERT_TRUE(WritePushLedger(file(), kTarget, written).ok());
  const auto read = ReadPushLedger(file(), kTarget);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->generation, written.generation);
  ASSERT_EQ(read->entries.size(), written.entries.size());
  for (const PushLedger::Entry& entry : read->entries) {
    EXPECT_EQ(entry.PointOf(), qdrant::PointId::OfName(std::to_string(entry.chunk)));
  }
}

TEST_F(PushLedgerTest, IsOfOneTarget) {
  EXPECT_EQ(ReadPushLedger(file(), kTarget).error().code(), StatusCode::kNotFound);
  ASSERT_TRUE(WritePushLedger(file(), kTarget, Filled()).ok());
  EXPECT_EQ(ReadPushLedger(file(), "other").error().code(), StatusCode::kFailedPrecondition);
}

TEST_F(PushLedgerTest, DamageIsFound) {
  ASSERT_TRUE(WritePushLedger(file(), kTarget, Filled()).ok());
  const auto content = ReadFile(file(), 1 << 20);
  ASSERT_TRUE(content);
  for (size_t i = 0; i < content->size(); ++i) {
    std::string damaged = *content;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    Overwrite(damaged);
    EXPECT_FALSE(ReadPushLedger(file(), kTarget)) << "byte " << i;
    Overwrite(content->substr(0, i));
    EXPECT_FALSE(ReadPushLedger(file(), kTarget)) << "cut to " << i;
  }
}

}  // namespace
}  // namespace coderank
