// WordPiece: cuts normalised text into words and words into the longest known pieces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/characters.h"
#include "tokenizer/piece_trie.h"

namespace coderank {

// Immutable once filled, so thread-safe.
struct WordPieceModel {
  PieceTrie pieces;
  uint32_t continuation = PieceTrie::kNoNode;  // where pieces inside a word start: after "##"
  int32_t unknown_id = 0;
  size_t max_word_characters = 100;  // a longer word is unknown

  // Appends the ids of a word within the length limit: greedy from the left, the whole word
  // unknown when some rest has no piece.
  void Tokenize(std::string_view word, std::vector<int32_t>& ids) const;
};

// Collects the ids of one text. Memory is bounded by the limits, not by the text.
// Not thread-safe; refers to the model.
class WordPieceWriter {
 public:
  // Every call below returns false as soon as there are more than `enough` ids.
  WordPieceWriter(const WordPieceModel& model, size_t enough);

  // The next stretch of normalised text (well-formed UTF-8); a word can span stretches.
  bool Feed(std::string_view normalized);
  // Ends the current word.
  bool EndWord();
  bool AddId(int32_t id);

  std::vector<int32_t>& ids() { return ids_; }

 private:
  size_t FeedWordRun(std::string_view text);
  void AppendToWord(std::string_view bytes, size_t characters);

  const WordPieceModel& model_;
  const CharacterTable& table_ = CharacterTable::Get();
  const size_t enough_;
  std::string word_;  // its start only, once it is too long
  size_t word_characters_ = 0;
  std::vector<int32_t> ids_;
};

}  // namespace coderank
