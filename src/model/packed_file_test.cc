// Packed files: what was written is read, and whatever happens to a file is noticed.
#include "model/packed_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <functional>
#include <numeric>
#include <optional>

#include "base/strings.h"
#include "model/packed_format.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using packed_format::kAlignment;
using packed_format::kHeaderBytes;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using testing::TempDir;

// Places of the header's fields, by the description in packed_file.h.
constexpr size_t kVersionAt = 8;
constexpr size_t kFileSizeAt = 48;
constexpr size_t kDirectoryAt = 64;
constexpr size_t kDirectorySizeAt = 72;
constexpr size_t kChecksumAt = 112;

const Sha256Digest kIdentity = Sha256Of("one");
const Sha256Digest kOther = Sha256Of("another");

template <typename T>
void Put(std::string& bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

template <typename T>
T Get(const std::string& bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

// Makes header and directory agree with their checksum again.
void Seal(std::string& bytes) {
  const auto directory = static_cast<size_t>(Get<uint64_t>(bytes, kDirectoryAt));
  const Sha256Digest sum = Sha256Of(bytes.substr(0, kChecksumAt) + bytes.substr(directory));
  std::memcpy(bytes.data() + kChecksumAt, sum.data(), sum.size());
}

Result<PackedFile> Parse(const std::string& bytes) {
  return PackedFile::Parse(std::as_bytes(std::span(bytes)), "test", kIdentity);
}

StatusCode CodeOf(const Result<PackedFile>& result) {
  return result ? StatusCode::kOk : result.error().code();
}

class PackedFileTest : public ::testing::Test {
 protected:
  PackedFileTest() {
    std::iota(floats_.begin(), floats_.end(), 0.5F);
    std::iota(bytes_.begin(), bytes_.end(), int8_t{-50});
    Write(path());
    content_ = Content();
  }

  static Status AddAll(PackedFileWriter& writer, const std::vector<float>& floats,
                       const std::vector<int8_t>& bytes) {
    Status status = writer.Add("floats", std::span<const float>(floats));
    if (status.ok()) status = writer.Add("bytes", std::span<const int8_t>(bytes));
    if (status.ok()) status = writer.Add("nothing", std::span<const float>());
    return status;
  }
  void Write(const std::filesystem::path& to) const {
    auto writer = PackedFileWriter::Create(to, kIdentity);
    ASSERT_TRUE(writer) << writer.error().message();
    ASSERT_TRUE(AddAll(*writer, floats_, bytes_).ok());
    const Status finished = writer->Finish();
    ASSERT_TRUE(finished.ok()) << finished.message();
  }
  // In place, with the time of modification that was there.
  void OverwriteKeepingTime(const std::string& content) const {
    struct stat before {};
    ASSERT_EQ(::stat(path().c_str(), &before), 0);
    folder_.Write("model.pack", content);
    const timespec times[] = {before.st_mtim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, path().c_str(), times, 0), 0);
  }
  void Touch() const {
    const timespec times[] = {{.tv_sec = 1000, .tv_nsec = 0}, {.tv_sec = 1000, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path().c_str(), times, 0), 0);
  }
  std::string Content() const { return *ReadFile(path(), 1 << 20); }
  std::filesystem::path path() const { return folder_.path() / "model.pack"; }
  size_t FilesInFolder() const {
    const std::filesystem::directory_iterator files(folder_.path());
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }
  void ExpectWhole(const PackedFile& file) const {
    const auto floats = file.Numbers<float>("floats", floats_.size());
    ASSERT_TRUE(floats) << floats.error().message();
    EXPECT_TRUE(std::equal(floats->begin(), floats->end(), floats_.begin(), floats_.end()));
    const auto bytes = file.Numbers<int8_t>("bytes");
    ASSERT_TRUE(bytes) << bytes.error().message();
    EXPECT_TRUE(std::equal(bytes->begin(), bytes->end(), bytes_.begin(), bytes_.end()));
  }

  TempDir folder_;
  std::vector<float> floats_ = std::vector<float>(37);
  std::vector<int8_t> bytes_ = std::vector<int8_t>(101);
  std::string content_;
};

TEST_F(PackedFileTest, WhatWasWrittenIsRead) {
  const auto file = PackedFile::Open(path(), kIdentity);
  ASSERT_TRUE(file) << file.error().message();
  ExpectWhole(*file);
  EXPECT_TRUE(file->Verify().ok());
  EXPECT_TRUE(file->Contains("nothing"));
  EXPECT_FALSE(file->Contains("no such"));
  const auto nothing = file->Numbers<float>("nothing");
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->empty());
  EXPECT_EQ(FilesInFolder(), 1U) << "no temporary file";
}

TEST_F(PackedFileTest, SectionsStartOnCacheLines) {
  const auto file = PackedFile::Open(path(), kIdentity);
  ASSERT_TRUE(file);
  const auto bytes = file->Numbers<int8_t>("bytes");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes->data()) % kAlignment, 0U);
}

TEST_F(PackedFileTest, SectionsOfAnotherSizeAreAnError) {
  const auto file = PackedFile::Open(path(), kIdentity);
  ASSERT_TRUE(file);
  for (const size_t count : {size_t{0}, floats_.size() - 1, floats_.size() + 1}) {
    const auto floats = file->Numbers<float>("floats", count);
    ASSERT_FALSE(floats);
    EXPECT_EQ(floats.error().code(), StatusCode::kCorrupt);
    EXPECT_THAT(floats.error().message(), HasSubstr("section \"floats\": expected"));
  }
  EXPECT_FALSE(file->Numbers<float>("bytes")) << "101 bytes are no whole number of floats";
  const auto none = file->Numbers<float>("none", 0);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message(), HasSubstr("expected a section \"none\", found none"));
}

TEST_F(PackedFileTest, EveryTruncationIsAnError) {
  for (size_t length = 0; length < content_.size(); ++length) {
    EXPECT_EQ(CodeOf(Parse(content_.substr(0, length))), StatusCode::kCorrupt) << length;
  }
  EXPECT_EQ(CodeOf(Parse(content_ + "x")), StatusCode::kCorrupt);
}

TEST_F(PackedFileTest, EveryTruncationOnDiskIsAnError) {
  for (const size_t length : {size_t{0}, size_t{1}, kHeaderBytes - 1, kHeaderBytes,
                              kHeaderBytes + 1, content_.size() / 2, content_.size() - 1}) {
    OverwriteKeepingTime(content_.substr(0, length));
    const auto file = PackedFile::Open(path(), kIdentity);
    EXPECT_EQ(CodeOf(file), StatusCode::kCorrupt) << length;
  }
}

TEST_F(PackedFileTest, EveryFlippedByteOfHeaderAndDirectoryIsNoticed) {
  const size_t directory = static_cast<size_t>(Get<uint64_t>(content_, kDirectoryAt));
  for (size_t at = 0; at < content_.size(); ++at) {
    if (at >= kHeaderBytes && at < directory) continue;
    for (const char flip : {char(1), char(0x80)}) {
      std::string changed = content_;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      EXPECT_THAT(CodeOf(Parse(changed)),
                  AnyOf(StatusCode::kCorrupt, StatusCode::kFailedPrecondition))
          << "byte " << at;
    }
  }
}

TEST_F(PackedFileTest, EveryFlippedByteOfTheBodyIsFoundByVerify) {
  const size_t directory = static_cast<size_t>(Get<uint64_t>(content_, kDirectoryAt));
  for (size_t at = kHeaderBytes; at < directory; ++at) {
    std::string changed = content_;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    const auto file = Parse(changed);
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_EQ(file->Verify().code(), StatusCode::kCorrupt) << "byte " << at;
  }
}

TEST_F(PackedFileTest, OpenHashesTheBodyWhenTheTimeDiffers) {
  std::string changed = content_;
  changed[kHeaderBytes + kAlignment] ^= 4;
  OverwriteKeepingTime(changed);
  const auto unnoticed = PackedFile::Open(path(), kIdentity);
  ASSERT_TRUE(unnoticed) << "opening does not read the body";
  EXPECT_EQ(unnoticed->Verify().code(), StatusCode::kCorrupt);
  Touch();
  const auto noticed = PackedFile::Open(path(), kIdentity);
  EXPECT_EQ(CodeOf(noticed), StatusCode::kCorrupt);
  EXPECT_THAT(noticed.error().message(), HasSubstr("model.pack: the content differs"));
}

TEST_F(PackedFileTest, ACopyOfAnotherTimeIsAccepted) {
  Touch();
  const auto file = PackedFile::Open(path(), kIdentity);
  ASSERT_TRUE(file) << file.error().message();
  ExpectWhole(*file);
}

TEST_F(PackedFileTest, AnotherIdentityOrVersionIsStale) {
  EXPECT_EQ(CodeOf(PackedFile::Open(path(), kOther)), StatusCode::kFailedPrecondition);
  std::string changed = content_;
  Put(changed, kVersionAt, packed_format::kVersion + 1);
  Seal(changed);
  const auto newer = Parse(changed);
  EXPECT_EQ(CodeOf(newer), StatusCode::kFailedPrecondition);
  EXPECT_THAT(newer.error().message(), HasSubstr("expected format version 1, found 2"));
}

TEST_F(PackedFileTest, MissingAndForeignFiles) {
  EXPECT_EQ(CodeOf(PackedFile::Open(folder_.path() / "none", kIdentity)), StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(Parse(std::string(4096, 'x'))), StatusCode::kCorrupt);
  EXPECT_EQ(CodeOf(Parse("")), StatusCode::kCorrupt);
  EXPECT_FALSE(PackedFile::Open(folder_.path(), kIdentity)) << "a folder";
}

// What a checksum cannot tell: a file that was made so.
TEST_F(PackedFileTest, SealedLiesAboutSizesAndPlacesAreErrors) {
  const auto directory = static_cast<size_t>(Get<uint64_t>(content_, kDirectoryAt));
  // The first entry: u16 length, "floats", u64 offset, u64 size.
  const size_t offset_at = directory + 4 + 2 + 6;
  const size_t size_at = offset_at + 8;
  const std::pair<size_t, std::vector<uint64_t>> lies[] = {
      {kFileSizeAt, {0, content_.size() - 1, content_.size() + 1, UINT64_MAX}},
      {kDirectorySizeAt, {0, 1, UINT64_MAX}},
      {offset_at, {0, 64, kHeaderBytes, 193, uint64_t{1} << 40, UINT64_MAX - 63}},
      {size_at, {directory, uint64_t{1} << 40, UINT64_MAX}}};
  for (const auto& [at, values] : lies) {
    for (const uint64_t value : values) {
      std::string changed = content_;
      Put(changed, at, value);
      Seal(changed);
      EXPECT_EQ(CodeOf(Parse(changed)), StatusCode::kCorrupt) << "at " << at << ": " << value;
    }
  }
  for (const uint64_t place : {uint64_t{0}, uint64_t{8}, uint64_t{kHeaderBytes - 1},
                               uint64_t{content_.size() + 1}, UINT64_MAX}) {
    std::string changed = content_;
    Put(changed, kDirectoryAt, place);
    EXPECT_EQ(CodeOf(Parse(changed)), StatusCode::kCorrupt) << "directory at " << place;
  }
}

TEST_F(PackedFileTest, HugeCountsEndWithTheDirectory) {
  const auto directory = static_cast<size_t>(Get<uint64_t>(content_, kDirectoryAt));
  std::string many = content_;
  Put(many, directory, UINT32_MAX);
  Seal(many);
  EXPECT_THAT(Parse(many).error().message(), HasSubstr("ends early"));
  std::string long_name = content_;
  Put(long_name, directory + 4, uint16_t{UINT16_MAX});
  Seal(long_name);
  EXPECT_THAT(Parse(long_name).error().message(), HasSubstr("ends early"));
}

TEST_F(PackedFileTest, ASecondWriterDoesNotDisturbTheFirst) {
  const std::filesystem::path target = folder_.path() / "both.pack";
  auto first = PackedFileWriter::Create(target, kIdentity);
  auto second = PackedFileWriter::Create(target, kIdentity);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(AddAll(*first, floats_, bytes_).ok());
  ASSERT_TRUE(AddAll(*second, floats_, bytes_).ok());
  ASSERT_TRUE(first->Finish().ok());
  const auto between = PackedFile::Open(target, kIdentity);
  ASSERT_TRUE(between) << between.error().message();
  ASSERT_TRUE(second->Finish().ok());
  ExpectWhole(*between);  // still mapped, though replaced
  const auto after = PackedFile::Open(target, kIdentity);
  ASSERT_TRUE(after) << after.error().message();
  ExpectWhole(*after);
  EXPECT_EQ(FilesInFolder(), 2U) << "no temporary file";
}

TEST_F(PackedFileTest, AnUnfinishedFileIsRemoved) {
  {
    auto writer = PackedFileWriter::Create(folder_.path() / "unfinished.pack", kIdentity);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(AddAll(*writer, floats_, bytes_).ok());
    PackedFileWriter moved = *std::move(writer);
    EXPECT_EQ(FilesInFolder(), 2U);
  }
  EXPECT_EQ(FilesInFolder(), 1U);
}

TEST_F(PackedFileTest, AFileThatCannotBePutInPlaceIsRemoved) {
  const std::filesystem::path target = folder_.path() / "taken";
  std::filesystem::create_directories(target / "by a folder");
  {
    auto writer = PackedFileWriter::Create(target, kIdentity);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(AddAll(*writer, floats_, bytes_).ok());
    const Status finished = writer->Finish();
    EXPECT_FALSE(finished.ok());
    EXPECT_THAT(finished.message(), HasSubstr("taken: cannot write the packed model"));
  }
  EXPECT_EQ(FilesInFolder(), 2U) << "the file and the folder";
}

TEST_F(PackedFileTest, CreatingInAMissingFolderIsAnError) {
  const auto writer = PackedFileWriter::Create(folder_.path() / "no" / "x.pack", kIdentity);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace coderank
