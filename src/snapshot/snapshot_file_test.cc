#include "snapshot/snapshot_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <random>
#include <string>

#include "base/file.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;
using testing::TempDir;

constexpr uint64_t kAll = uint64_t{64} << 20;

class SnapshotFileTest : public ::testing::Test {
 protected:
  // Larger than the blocks in which it is read; half of it random, half repeated.
  SnapshotFileTest() {
    std::mt19937 random(1);
    for (int i = 0; i < 500'000; ++i) database_ += static_cast<char>(random());
    database_ += std::string(500'000, 'z');
    folder_.Write("database", database_);
    const auto written = WriteSnapshot(folder_.path() / "database",
                                       {.name = "project", .made_by = "test"}, file(), nullptr);
    EXPECT_TRUE(written) << written.error().message();
    bytes_ = *ReadFile(file(), kAll);
  }

  std::filesystem::path file() const { return folder_.path() / "file"; }
  std::filesystem::path out() const { return folder_.path() / "out"; }
  Result<SnapshotHeader> Unpack(const std::string& bytes) const {
    folder_.Write("other", bytes);
    return UnpackSnapshot(folder_.path() / "other", out(), nullptr);
  }
  // A header that fits a frame, so that only the frame is wrong.
  std::string Around(const std::string& frame, uint64_t database_bytes) const {
    return EncodeHeader({.packed_bytes = frame.size(), .database_bytes = database_bytes}) + frame;
  }

  TempDir folder_;
  std::string database_;
  std::string bytes_;
};

std::string Frame(const std::string& content) {
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), 1));
  return frame;
}

TEST_F(SnapshotFileTest, GivesTheDatabaseBack) {
  const auto header = UnpackSnapshot(file(), out(), nullptr);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(*ReadFile(out(), kAll), database_);
  EXPECT_EQ(header->name, "project");
  EXPECT_EQ(header->database_bytes, database_.size());
  EXPECT_EQ(header->sha256, Sha256Of(database_));
  EXPECT_LT(bytes_.size(), 510'000U) << "what repeats is packed";
  EXPECT_EQ(*ReadSnapshotHeader(file()), *header);
  EXPECT_EQ(std::filesystem::status(file()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SnapshotFileTest, CutOrLongerFilesAreRefused) {
  std::mt19937 random(2);
  for (int i = 0; i < 40; ++i) {
    const auto cut = Unpack(bytes_.substr(0, random() % bytes_.size()));
    ASSERT_FALSE(cut);
    EXPECT_THAT(cut.error().message(), HasSubstr("other"));
    EXPECT_FALSE(std::filesystem::exists(out()));
  }
  EXPECT_FALSE(Unpack(bytes_ + "x"));
}

TEST_F(SnapshotFileTest, FlippedBytesAreNoticed) {
  std::mt19937 random(3);
  for (int i = 0; i < 40; ++i) {
    std::string flipped = bytes_;
    char& byte = flipped[random() % flipped.size()];
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    EXPECT_FALSE(Unpack(flipped));
    EXPECT_FALSE(std::filesystem::exists(out()));
  }
}

TEST_F(SnapshotFileTest, AFrameGivesWhatTheHeaderSaysOrNothing) {
  const std::string frame = Frame(std::string(1'000'000, 'a'));
  EXPECT_THAT(Unpack(Around(frame, 999'999)).error().message(), HasSubstr("too many bytes"));
  EXPECT_THAT(Unpack(Around(frame, 1'000'001)).error().message(), HasSubstr("1000000 bytes of"));
  EXPECT_THAT(Unpack(Around(frame, 1'000'000)).error().message(), HasSubstr("SHA-256"));
  EXPECT_THAT(Unpack(Around(frame + frame, 2'000'000)).error().message(),
              HasSubstr("after its end"));
}

TEST_F(SnapshotFileTest, WhatIsNoFileIsRefused) {
  EXPECT_EQ(ReadSnapshotHeader(folder_.path()).error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadSnapshotHeader(folder_.path() / "none").error().code(), StatusCode::kNotFound);
  EXPECT_FALSE(ReadSnapshotHeader("/dev/zero"));
}

TEST_F(SnapshotFileTest, CancelledWorkLeavesNothing) {
  CancellationToken cancel;
  cancel.Cancel();
  EXPECT_EQ(UnpackSnapshot(file(), out(), &cancel).error().code(), StatusCode::kCancelled);
  EXPECT_EQ(WriteSnapshot(folder_.path() / "database", {}, out(), &cancel).error().code(),
            StatusCode::kCancelled);
  EXPECT_FALSE(std::filesystem::exists(out()));
}

}  // namespace
}  // namespace coderank
