#include "lexical/postings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace coderank {
namespace {

uint32_t Below(std::mt19937& random, uint32_t limit) {
  return static_cast<uint32_t>(random() % limit);
}

struct List {
  std::string bytes;  // with the padding
  uint32_t count;

  PostingCursor Cursor(uint32_t documents) const {
    const auto all = std::as_bytes(std::span(bytes));
    return {all.first(all.size() - kPostingPadding), count, documents};
  }
};

List Encode(const std::vector<Posting>& postings) {
  List list{.bytes = {}, .count = static_cast<uint32_t>(postings.size())};
  EncodePostings(postings, list.bytes);
  list.bytes.append(kPostingPadding, '\0');
  return list;
}

// Distances of up to `spread`.
std::vector<Posting> RandomPostings(std::mt19937& random, size_t count, uint32_t spread) {
  std::vector<Posting> postings;
  uint64_t document = Below(random, spread);
  for (size_t i = 0; i < count && document < kNoDocument; ++i) {
    postings.push_back(
        {static_cast<uint32_t>(document), static_cast<uint8_t>(1 + Below(random, 255))});
    document += 1 + Below(random, spread);
  }
  return postings;
}

std::vector<Posting> ReadAll(PostingCursor cursor) {
  std::vector<Posting> read;
  if (cursor.Seek(0)) {
    cursor.VisitUntil(kNoDocument, [&read](uint32_t document, uint8_t impact) {
      read.push_back({document, impact});
    });
  }
  return read;
}

void ExpectEqual(const std::vector<Posting>& left, const std::vector<Posting>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (size_t i = 0; i < left.size(); ++i) {
    ASSERT_EQ(left[i].document, right[i].document) << i;
    ASSERT_EQ(left[i].impact, right[i].impact) << i;
  }
}

TEST(Postings, AreReadAsWritten) {
  std::mt19937 random(1);
  for (const size_t count : {2U, 3U, 127U, 128U, 129U, 255U, 256U, 257U, 1000U}) {
    for (const uint32_t spread : {1U, 2U, 7U, 300U, 70'000U, 4'000'000U}) {
      const std::vector<Posting> postings = RandomPostings(random, count, spread);
      ExpectEqual(ReadAll(Encode(postings).Cursor(kNoDocument)), postings);
    }
  }
}

TEST(Postings, HoldTheLargestNumbers) {
  const std::vector<Posting> postings = {{0, 1}, {kNoDocument - 1, 255}};
  ExpectEqual(ReadAll(Encode(postings).Cursor(kNoDocument)), postings);
}

TEST(Postings, SeekAndBoundsAgreeWithAScan) {
  std::mt19937 random(2);
  for (int round = 0; round < 60; ++round) {
    const std::vector<Posting> postings =
        RandomPostings(random, 2 + Below(random, 700), 1 + Below(random, 90));
    const List list = Encode(postings);
    PostingCursor cursor = list.Cursor(kNoDocument);
    PostingCursor bounds = list.Cursor(kNoDocument);
    uint32_t begin = 0;
    while (begin <= postings.back().document + 5) {
      const uint32_t end = begin + 1 + Below(random, 2000);
      const auto at = std::lower_bound(
          postings.begin(), postings.end(), begin,
          [](const Posting& posting, uint32_t document) { return posting.document < document; });
      ASSERT_EQ(cursor.Seek(begin), at != postings.end());
      if (at != postings.end()) {
        ASSERT_EQ(cursor.document(), at->document);
        ASSERT_EQ(cursor.impact(), at->impact);
      }
      uint8_t largest = 0;
      for (auto it = at; it != postings.end() && it->document < end; ++it) {
        largest = std::max(largest, it->impact);
      }
      ASSERT_GE(bounds.MaximumImpact(begin, end), largest);
      begin = Below(random, 3) == 0 ? end : begin + Below(random, 50) + 1;
    }
    // Far beyond the end nothing is possible, and the bound says so.
    EXPECT_EQ(bounds.MaximumImpact(postings.back().document + 1, kNoDocument), 0);
    EXPECT_FALSE(cursor.Seek(postings.back().document + 1));
    EXPECT_FALSE(cursor.Seek(0));
  }
}

TEST(Postings, ASingleOneIsAListToo) {
  PostingCursor cursor({7, 9});
  EXPECT_EQ(cursor.MaximumImpact(0, 7), 0);
  EXPECT_EQ(cursor.MaximumImpact(5, 8), 9);
  ASSERT_TRUE(cursor.Seek(3));
  EXPECT_EQ(cursor.document(), 7U);
  EXPECT_EQ(cursor.impact(), 9);
  EXPECT_FALSE(cursor.Seek(8));
  EXPECT_EQ(ReadAll(PostingCursor({7, 9})).size(), 1U);
}

// Any damage is noticed or leads to documents that exist, in ascending order.
TEST(Postings, DamageStaysInside) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    const std::vector<Posting> postings = RandomPostings(random, 2 + Below(random, 300), 40);
    const uint32_t documents = postings.back().document + 1;
    List list = Encode(postings);
    const size_t edits = 1 + Below(random, 3);
    for (size_t i = 0; i < edits; ++i) {
      list.bytes[random() % list.bytes.size()] = static_cast<char>(random());
    }
    if (Below(random, 4) == 0) list.count = 2 + Below(random, 600);
    PostingCursor cursor = list.Cursor(documents);
    static_cast<void>(cursor.MaximumImpact(0, documents));
    uint64_t next = 0;
    if (!cursor.Seek(0)) continue;
    cursor.VisitUntil(kNoDocument, [&](uint32_t document, uint8_t) {
      ASSERT_GE(document, next);
      ASSERT_LT(document, documents);
      next = uint64_t{document} + 1;
    });
  }
}

}  // namespace
}  // namespace coderank
