// Segments: what was written is read, and whatever happens to a file is noticed.
#include "vectors/vector_segment.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "support/temp_dir.h"
#include "vectors/int8_row.h"
#include "vectors/sign_code.h"
#include "vectors/vectors_test_util.h"

namespace coderank {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempDir;

constexpr size_t kDimension = 70;  // two words of signs, two steps of depth

std::vector<TextVector> SomeTexts(size_t count, size_t dimension = kDimension) {
  RandomVectors random(7);
  std::vector<TextVector> texts;
  for (size_t i = 0; i < count; ++i) {
    texts.push_back({.id = static_cast<int64_t>(3 * i + 5), .vector = random.Unit(dimension)});
  }
  return texts;
}

std::string Bytes(const std::filesystem::path& path) { return *ReadFile(path, 1 << 24); }

// A file's bytes as a mapping has them: aligned.
class Aligned {
 public:
  explicit Aligned(std::string_view bytes)
      : size_(bytes.size()),
        data_(static_cast<std::byte*>(::operator new(bytes.size() + 1, std::align_val_t{64}))) {
    std::memcpy(data_, bytes.data(), bytes.size());
  }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  ~Aligned() { ::operator delete(data_, std::align_val_t{64}); }
  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  size_t size_;
  std::byte* data_;
};

// kOk when the bytes are taken and pass their hash.
StatusCode CodeOf(std::string_view bytes, const Sha256Digest& identity = kTestIdentity) {
  const Aligned aligned(bytes);
  const auto segment = VectorSegment::Parse(aligned.bytes(), "test", identity);
  return segment ? segment->Verify().code() : segment.error().code();
}

template <typename T>
void Put(std::string& bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

// Makes the header agree with its checksum again.
void Seal(std::string& bytes) {
  const Sha256Digest sum = Sha256Of(bytes.substr(0, vector_segment_format::kHashAt));
  std::memcpy(bytes.data() + vector_segment_format::kHashAt, sum.data(), sum.size());
}

TEST(VectorSegmentTest, ReadsWhatWasWritten) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  const auto texts = SomeTexts(19);
  ASSERT_TRUE(
      WriteSegment(path, {.generation = 12, .base_generation = 9, .gone = {2, 4}}, texts).ok());
  const auto segment = VectorSegment::Open(path, kTestIdentity);
  ASSERT_TRUE(segment) << segment.error().message();
  EXPECT_EQ(segment->dimension(), kDimension);
  EXPECT_EQ(segment->generation(), 12U);
  EXPECT_EQ(segment->base_generation(), 9U);
  EXPECT_EQ(segment->depth(), 128U);
  EXPECT_EQ(segment->words(), 2U);
  EXPECT_THAT(segment->gone(), ElementsAre(2, 4));
  ASSERT_EQ(segment->row_count(), texts.size());
  EXPECT_TRUE(segment->Verify().ok());
  for (size_t row = 0; row < texts.size(); ++row) {
    EXPECT_EQ(segment->ids()[row], texts[row].id);
    const int8_t* bytes = segment->rows() + row * segment->depth();
    const float scale = segment->scales()[row];
    const Vector expected = RotatedRow(texts[row].vector);
    for (size_t i = 0; i < segment->depth(); ++i) {
      // Half a step, and the rounding of the product.
      EXPECT_NEAR(scale * static_cast<float>(bytes[i]), i < kDimension ? expected[i] : 0,
                  scale * 0.50001F);
    }
  }
}

TEST(VectorSegmentTest, SignsAreAboutTheMeanInGroups) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  const auto texts = SomeTexts(19);
  ASSERT_TRUE(WriteSegment(path, {}, texts).ok());
  const auto segment = VectorSegment::Open(path, kTestIdentity);
  ASSERT_TRUE(segment);
  for (size_t i = 0; i < kDimension; ++i) {
    double sum = 0;
    for (const TextVector& text : texts) sum += RotatedRow(text.vector)[i];
    EXPECT_FLOAT_EQ(segment->mean()[i], static_cast<float>(sum / 19)) << i;
  }
  for (size_t row = 0; row < texts.size(); ++row) {
    for (size_t i = 0; i < kDimension; ++i) {
      const float about =
          segment->scales()[row] * static_cast<float>(segment->rows()[row * segment->depth() + i]) -
          segment->mean()[i];
      const uint64_t word = segment->signs()[(row / 8 * 2 + i / 64) * 8 + row % 8];
      EXPECT_EQ(word >> i % 64 & 1, about > 0 ? 1U : 0U) << "row " << row << ", " << i;
    }
  }
}

TEST(VectorSegmentTest, AlmostNothingIsASegmentToo) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  ASSERT_TRUE(WriteSegment(path, {.dimension = 1}, {}).ok());
  const auto segment = VectorSegment::Open(path, kTestIdentity);
  ASSERT_TRUE(segment) << segment.error().message();
  EXPECT_EQ(segment->row_count(), 0U);
  EXPECT_THAT(segment->ids(), IsEmpty());
  EXPECT_TRUE(segment->Verify().ok());
}

// More than a block of each section, and of the rows that are read back.
TEST(VectorSegmentTest, LongSectionsAreWhole) {
  const TempDir folder;
  const auto texts = SomeTexts(3000, 600);
  ASSERT_TRUE(WriteSegment(folder.path() / "a", {}, texts).ok());
  const auto segment = VectorSegment::Open(folder.path() / "a", kTestIdentity);
  ASSERT_TRUE(segment) << segment.error().message();
  Vector bytes(600);
  std::vector<uint64_t> signs(segment->words());
  for (const size_t row : {size_t{0}, size_t{1637}, size_t{1638}, size_t{2999}}) {
    EXPECT_EQ(segment->ids()[row], texts[row].id);
    const Vector expected = RotatedRow(texts[row].vector);
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] =
          segment->scales()[row] * static_cast<float>(segment->rows()[row * segment->depth() + i]);
      EXPECT_NEAR(bytes[i], expected[i], segment->scales()[row] * 0.50001F);
    }
    SignsOf(bytes, segment->mean(), signs);
    for (size_t w = 0; w < signs.size(); ++w) {
      EXPECT_EQ(segment->signs()[(row / 8 * signs.size() + w) * 8 + row % 8], signs[w]);
    }
  }
}

TEST(VectorSegmentTest, EverySetOfKernelsWritesTheSameFile) {
  const TempDir folder;
  const auto texts = SomeTexts(33);
  ASSERT_TRUE(WriteSegment(folder.path() / "scalar", {}, texts).ok());
  for (const kernels::KernelSet* set : AvailableKernels()) {
    ASSERT_TRUE(WriteSegment(folder.path() / set->name, {}, texts, *set).ok());
    EXPECT_EQ(Bytes(folder.path() / set->name).substr(vector_segment_format::kHeaderBytes),
              Bytes(folder.path() / "scalar").substr(vector_segment_format::kHeaderBytes))
        << set->name;
  }
}

TEST(VectorSegmentTest, NumbersThatAreNotFiniteMakeARowOfZeros) {
  const TempDir folder;
  auto texts = SomeTexts(3);
  texts[0].vector[11] = std::numeric_limits<float>::infinity();
  texts[2].vector[69] = std::numeric_limits<float>::quiet_NaN();
  ASSERT_TRUE(WriteSegment(folder.path() / "segment", {}, texts).ok());
  const auto segment = VectorSegment::Open(folder.path() / "segment", kTestIdentity);
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->scales()[0], 0);
  EXPECT_GT(segment->scales()[1], 0);
  EXPECT_EQ(segment->scales()[2], 0);
  EXPECT_TRUE(std::all_of(segment->mean().begin(), segment->mean().end(),
                          [](float v) { return std::isfinite(v); }));
}

TEST(VectorSegmentTest, TheWriterChecksItsRows) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  const auto texts = SomeTexts(2);
  const auto create = [&](size_t rows) {
    return *VectorSegmentWriter::Create(
        path, {.identity = kTestIdentity, .dimension = kDimension, .row_count = rows},
        ScalarKernels());
  };
  const auto row = HalfRow(texts[0].vector);
  auto descending = create(2);
  ASSERT_TRUE(descending.Add(5, row).ok());
  EXPECT_THAT(descending.Add(5, row).message(), HasSubstr("text 5 of dimension 70 follows text 5"));
  auto too_many = create(1);
  ASSERT_TRUE(too_many.Add(5, row).ok());
  EXPECT_EQ(too_many.Add(6, row).code(), StatusCode::kFailedPrecondition);
  auto too_short = create(1);
  EXPECT_EQ(too_short.Add(5, std::span(row).first(69)).code(), StatusCode::kFailedPrecondition);
  auto too_few = create(2);
  ASSERT_TRUE(too_few.Add(5, row).ok());
  EXPECT_THAT(too_few.Finish().message(), HasSubstr("expected 2 rows, found 1"));
  const auto too_large = VectorSegmentWriter::Create(
      path, {.dimension = vector_segment_format::kMaxDimension + 1}, ScalarKernels());
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code(), StatusCode::kResourceExhausted);
}

TEST(VectorSegmentTest, AWriterThatStopsLeavesNothing) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  ASSERT_TRUE(WriteSegment(path, {.generation = 1}, SomeTexts(2)).ok());
  const std::string before = Bytes(path);
  {
    auto writer = VectorSegmentWriter::Create(path, {.dimension = kDimension, .row_count = 2},
                                              ScalarKernels());
    ASSERT_TRUE(writer);
  }
  EXPECT_EQ(Bytes(path), before);
  const auto files = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(VectorSegmentTest, OtherIdentitiesAndFormatsAreRefused) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  ASSERT_TRUE(WriteSegment(path, {}, SomeTexts(2)).ok());
  std::string bytes = Bytes(path);
  EXPECT_EQ(CodeOf(bytes), StatusCode::kOk);
  EXPECT_EQ(CodeOf(bytes, VectorIdentity("index", "another")), StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(bytes, VectorIdentity("indexf", "ingerprint")), StatusCode::kFailedPrecondition);
  Put(bytes, 8, vector_segment_format::kVersion + 1);
  Seal(bytes);
  EXPECT_EQ(CodeOf(bytes), StatusCode::kFailedPrecondition);
}

// Each of these agrees with its checksum: what is left are the claims about sizes.
TEST(VectorSegmentTest, SizesThatDoNotFitAreRefused) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  ASSERT_TRUE(WriteSegment(path, {.gone = {1}}, SomeTexts(2)).ok());
  const std::string whole = Bytes(path);
  constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max();
  const auto with = [&](size_t at, auto value) {
    std::string bytes = whole;
    Put(bytes, at, value);
    Seal(bytes);
    return CodeOf(bytes);
  };
  for (const uint32_t dimension : {0U, 1U, 129U, 65537U, ~0U}) {
    EXPECT_EQ(with(12, dimension), StatusCode::kCorrupt) << dimension;
  }
  for (const uint64_t count : {uint64_t{0}, uint64_t{3}, uint64_t{1} << 31, kHuge / 64, kHuge}) {
    EXPECT_EQ(with(32, count), StatusCode::kCorrupt) << "rows " << count;
  }
  for (const uint64_t count : {uint64_t{9}, uint64_t{1} << 40, kHuge / 8, kHuge}) {
    EXPECT_EQ(with(40, count), StatusCode::kCorrupt) << "gone " << count;
  }
  EXPECT_EQ(with(48, kHuge), StatusCode::kCorrupt);
}

TEST(VectorSegmentTest, EveryCutIsNoticed) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  ASSERT_TRUE(WriteSegment(path, {.gone = {1}}, SomeTexts(9)).ok());
  const std::string whole = Bytes(path);
  for (size_t size = 0; size < whole.size(); ++size) {
    ASSERT_EQ(CodeOf(whole.substr(0, size)), StatusCode::kCorrupt) << size;
  }
  EXPECT_EQ(CodeOf(whole + "x"), StatusCode::kCorrupt);
}

TEST(VectorSegmentTest, EveryFlippedBitIsNoticed) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  ASSERT_TRUE(WriteSegment(path, {.gone = {1}}, SomeTexts(9)).ok());
  const std::string whole = Bytes(path);
  constexpr size_t kPadding = vector_segment_format::kHashAt + sizeof(Sha256Digest);
  for (size_t at = 0; at < whole.size(); ++at) {
    if (at == kPadding) at = vector_segment_format::kHeaderBytes;  // means nothing
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1 << at % 8);
    ASSERT_THAT(CodeOf(bytes), AnyOf(StatusCode::kCorrupt, StatusCode::kFailedPrecondition)) << at;
  }
}

// A file that was changed after it was written is hashed when it is opened.
TEST(VectorSegmentTest, OpeningATouchedFileHashesIt) {
  const TempDir folder;
  const auto path = folder.path() / "segment";
  ASSERT_TRUE(WriteSegment(path, {}, SomeTexts(9)).ok());
  std::string bytes = Bytes(path);
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  EXPECT_TRUE(VectorSegment::Open(path, kTestIdentity)) << "a copy";
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  const auto damaged = VectorSegment::Open(path, kTestIdentity);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), StatusCode::kCorrupt);
}

TEST(VectorSegmentTest, AMissingFileIsNotFound) {
  const TempDir folder;
  const auto missing = VectorSegment::Open(folder.path() / "none", kTestIdentity);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), StatusCode::kNotFound);
}

TEST(Int8RowTest, UsesAllLevelsAndRoundsToNearest) {
  std::vector<int8_t> bytes(8, 55);
  EXPECT_FLOAT_EQ(QuantizeSymmetric(Vector{127, -127, 63.4F, -0.6F, 0.4F}, bytes), 1);
  EXPECT_THAT(bytes, ElementsAre(127, -127, 63, -1, 0, 0, 0, 0));
}

TEST(Int8RowTest, ZerosAndTheSmallestNumbersHaveNoScale) {
  std::vector<int8_t> bytes(2, 55);
  EXPECT_EQ(QuantizeSymmetric(Vector{0, 0}, bytes), 0);
  EXPECT_EQ(QuantizeSymmetric(Vector{1e-38F, -1e-40F}, bytes), 0);
  EXPECT_THAT(bytes, ElementsAre(0, 0));
}

}  // namespace
}  // namespace coderank
