// The scans of every set against the scalar reference: equal numbers, as all of them are exact.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/kernel_test_util.h"

namespace coderank::kernels {
namespace {

class ScanTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, ScanTest, ::testing::ValuesIn(AvailableSets()), SetName);

constexpr size_t kOffsets[] = {0, 1, 33};  // in bytes: no alignment is asked for
constexpr int32_t kGuard = 77777;

// Bytes of low .. high, the ends more often than the rest.
std::vector<int8_t> RandomBytes(RandomData& random, size_t count, int low, int high) {
  std::vector<int8_t> bytes(count);
  for (int8_t& byte : bytes) {
    const float v = random.Next() * 100;
    byte = static_cast<int8_t>(std::clamp(static_cast<int>(v), low, high));
  }
  return bytes;
}

std::vector<uint64_t> RandomWords(RandomData& random, size_t count) {
  std::vector<uint64_t> words(count);
  for (uint64_t& word : words) {
    for (int bit = 0; bit < 64; ++bit) word = word << 1 | (random.Next() > 0 ? 1U : 0U);
  }
  return words;
}

std::vector<int32_t> Dots(const KernelSet& set, const std::vector<int8_t>& query,
                          const std::vector<int8_t>& rows, size_t row_count, size_t offset) {
  std::vector<int8_t> memory(offset + rows.size());
  std::copy(rows.begin(), rows.end(), memory.begin() + static_cast<ptrdiff_t>(offset));
  std::vector<int32_t> dots(row_count + 1, kGuard);
  set.dot_int8_rows(query.data(), memory.data() + offset, row_count, query.size(), dots.data());
  EXPECT_EQ(dots.back(), kGuard) << "wrote past the end";
  dots.pop_back();
  return dots;
}

TEST_P(ScanTest, DotsOfEveryDepthAndCount) {
  for (size_t depth = 0; depth <= 1024; depth += kScanDepthStep) {
    for (const size_t rows : std::initializer_list<size_t>{0, 1, 2, 3, 7, 16}) {
      RandomData random(depth * 31 + rows);
      const auto query = RandomBytes(random, depth, -127, 127);
      const auto bytes = RandomBytes(random, depth * rows, -128, 127);
      const auto expected = Dots(Reference(), query, bytes, rows, 0);
      for (const size_t offset : kOffsets) {
        EXPECT_EQ(Dots(*GetParam(), query, bytes, rows, offset), expected)
            << "depth " << depth << ", rows " << rows;
      }
    }
  }
}

// Where an int16 sum of two products would saturate or the int32 sum overflow, with every pair of
// extreme bytes. The expected number is worked out here, not by the reference.
TEST_P(ScanTest, ExtremeBytesDoNotSaturate) {
  for (const size_t depth : {size_t{64}, size_t{768}, kScanMaxDepth}) {
    for (const int query : {-127, -1, 127}) {
      for (const int row : {-128, -127, 1, 127}) {
        const std::vector<int8_t> queries(depth, static_cast<int8_t>(query));
        const std::vector<int8_t> rows(2 * depth, static_cast<int8_t>(row));
        const auto expected = static_cast<int32_t>(depth) * query * row;
        EXPECT_EQ(Dots(*GetParam(), queries, rows, 2, 0), std::vector<int32_t>(2, expected))
            << query << " * " << row << ", depth " << depth;
      }
    }
  }
}

std::vector<uint32_t> Distances(const KernelSet& set, const std::vector<uint64_t>& query,
                                const std::vector<uint64_t>& groups, size_t group_count) {
  std::vector<uint32_t> distances(group_count * kSignGroup + 1, kGuard);
  set.hamming_rows(query.data(), groups.data(), group_count, query.size(), distances.data());
  EXPECT_EQ(distances.back(), static_cast<uint32_t>(kGuard)) << "wrote past the end";
  distances.pop_back();
  return distances;
}

TEST_P(ScanTest, DistancesOfEveryLengthAndCount) {
  for (size_t words = 0; words <= 130; words += words < 34 ? 1 : 16) {
    for (const size_t groups : std::initializer_list<size_t>{0, 1, 2, 5}) {
      RandomData random(words * 31 + groups);
      const auto query = RandomWords(random, words);
      const auto bits = RandomWords(random, words * groups * kSignGroup);
      EXPECT_EQ(Distances(*GetParam(), query, bits, groups),
                Distances(Reference(), query, bits, groups))
          << "words " << words << ", groups " << groups;
    }
  }
}

// All bits differ: a count that is kept in a byte for too long would wrap.
TEST_P(ScanTest, LongestDistancesDoNotWrap) {
  for (const size_t words : std::initializer_list<size_t>{31, 32, 62, 63, 1024}) {
    const std::vector<uint64_t> query(words, ~uint64_t{0});
    const std::vector<uint64_t> bits(words * kSignGroup, 0);
    const std::vector<uint32_t> expected(kSignGroup, static_cast<uint32_t>(words * kSignWordBits));
    EXPECT_EQ(Distances(*GetParam(), query, bits, 1), expected) << words;
  }
}

// The layout: one bit in one row's word counts for that row alone.
TEST_P(ScanTest, RowsOfAGroupDoNotMix) {
  constexpr size_t kWords = 3;
  const std::vector<uint64_t> query(kWords, 0);
  for (size_t row = 0; row < 2 * kSignGroup; ++row) {
    for (size_t bit = 0; bit < kWords * kSignWordBits; bit += 17) {
      std::vector<uint64_t> bits(2 * kSignGroup * kWords, 0);
      const size_t word = row / kSignGroup * kWords + bit / kSignWordBits;
      bits[word * kSignGroup + row % kSignGroup] = uint64_t{1} << bit % kSignWordBits;
      std::vector<uint32_t> expected(2 * kSignGroup, 0);
      expected[row] = 1;
      EXPECT_EQ(Distances(*GetParam(), query, bits, 2), expected);
    }
  }
}

}  // namespace
}  // namespace coderank::kernels
