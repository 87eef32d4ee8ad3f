// The text normalisation of BERT, as the reference tokenizer does it: clean, space out Chinese
// characters, strip accents (decompose canonically, drop the marks), lower-case, in this order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/characters.h"

namespace coderank {

// Words of more characters than any tokenizer's limit are treated as one unknown word, so the
// order of their marks need not be kept; see NormalizedReader.
inline constexpr size_t kLongestWord = 10'000;

struct NormalizerOptions {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
};

// Immutable, so thread-safe.
class Normalizer {
 public:
  explicit Normalizer(const NormalizerOptions& options);

  // All of `text` at once, for short texts.
  std::string Normalize(std::string_view text) const;

 private:
  friend class NormalizedReader;
  static constexpr uint8_t kDropped = 0xFF;

  NormalizerOptions options_;
  std::array<uint8_t, 128> ascii_;  // what an ASCII character becomes, or kDropped
};

// Normalises a text block by block, so that memory stays small and a reader that has enough can
// stop. Ill-formed UTF-8 is read as U+FFFD. Not thread-safe; refers to the normaliser and the text.
class NormalizedReader {
 public:
  NormalizedReader(const Normalizer& normalizer, std::string_view text);

  // Appends the next block to `out`. False at the end of the text, with nothing appended.
  bool Read(std::string& out);

 private:
  void ReadAscii(std::string_view run, std::string& out);
  void ReadCharacter(char32_t c, std::string& out);
  void StripAccents(char32_t c, std::string& out);
  void FlushMarks(std::string& out);
  void Put(char32_t c, std::string& out) const;

  const Normalizer& normalizer_;
  const CharacterTable& table_ = CharacterTable::Get();
  std::string_view rest_;
  // Characters since the last one of combining class 0 that are kept: canonical order sorts them.
  std::vector<char32_t> marks_;
};

}  // namespace coderank
