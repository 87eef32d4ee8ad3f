#include "tokenizer/piece_trie.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

TEST(PieceTrieTest, FindsTheLongestPiece) {
  PieceTrie trie;
  ASSERT_TRUE(trie.Insert("a", 1));
  ASSERT_TRUE(trie.Insert("abc", 2));
  ASSERT_TRUE(trie.Insert("##bc", 3));
  EXPECT_EQ(trie.Longest(PieceTrie::kRoot, "abcd").length, 3U);
  EXPECT_EQ(trie.Longest(PieceTrie::kRoot, "abcd").id, 2);
  EXPECT_EQ(trie.Longest(PieceTrie::kRoot, "abd").id, 1);  // back from a dead end
  EXPECT_EQ(trie.Longest(PieceTrie::kRoot, "x").length, 0U);
  EXPECT_EQ(trie.Longest(PieceTrie::kRoot, "").length, 0U);
  const uint32_t inside = trie.Walk(PieceTrie::kRoot, "##");
  EXPECT_EQ(trie.Longest(inside, "bc").id, 3);
  EXPECT_EQ(trie.Walk(PieceTrie::kRoot, "no"), PieceTrie::kNoNode);
}

TEST(PieceTrieTest, TheLastIdOfAPieceCountsAndEveryByteIsAllowed) {
  PieceTrie trie;
  const std::string zeros("\0\xFF\0", 3);
  ASSERT_TRUE(trie.Insert(zeros, 1));
  ASSERT_TRUE(trie.Insert(zeros, 7));
  EXPECT_EQ(trie.Longest(PieceTrie::kRoot, zeros).id, 7);
}

TEST(PieceTrieTest, KeepsManyPiecesApart) {
  PieceTrie trie;
  for (int32_t i = 0; i < 50'000; ++i) ASSERT_TRUE(trie.Insert(std::to_string(i) + ".", i));
  for (int32_t i = 0; i < 50'000; ++i) {
    ASSERT_EQ(trie.Longest(PieceTrie::kRoot, std::to_string(i) + ".").id, i);
  }
}

}  // namespace
}  // namespace coderank
