#include "tokenizer/added_tokens.h"

#include <algorithm>

#include "base/strings.h"
#include "text/characters.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// Start of the character that ends before `end`. Precondition: end > 0, well-formed text.
size_t PreviousCharacter(std::string_view text, size_t end) {
  do {
    --end;
  } while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80);
  return end;
}

bool HasFlagAt(std::string_view text, size_t position, uint16_t flag) {
  return CharacterTable::Get().Has(DecodeUtf8(text.substr(position)).code_point, flag);
}

bool IsSingleWord(std::string_view text, size_t start, size_t stop) {
  const bool word_before = start > 0 && HasFlagAt(text, PreviousCharacter(text, start), kWordFlag);
  return !word_before && (stop == text.size() || !HasFlagAt(text, stop, kWordFlag));
}

// Where the white space before `start` begins, not before `limit`.
size_t SpaceBefore(std::string_view text, size_t start, size_t limit) {
  while (start > limit) {
    const size_t previous = PreviousCharacter(text, start);
    if (!HasFlagAt(text, previous, kSpaceFlag)) break;
    start = previous;
  }
  return std::max(start, limit);
}

size_t SpaceAfter(std::string_view text, size_t stop) {
  while (stop < text.size() && HasFlagAt(text, stop, kSpaceFlag)) {
    stop += DecodeUtf8(text.substr(stop)).length;
  }
  return stop;
}

}  // namespace

Status AddedTokenMatcher::Add(const AddedToken& token, std::string_view pattern) {
  if (pattern.empty()) {
    return InvalidArgument(StrCat("added token \"", token.content,
                                  "\": expected some text to look for, found none after "
                                  "normalisation; remove the token"));
  }
  if (pattern.size() > kLongestToken ||
      !trie_.Insert(pattern, static_cast<int32_t>(tokens_.size()))) {
    return InvalidArgument(StrCat("added token \"", token.content.substr(0, 40),
                                  "\": expected at most ", kLongestToken, " bytes, found ",
                                  pattern.size()));
  }
  starts_[static_cast<uint8_t>(pattern[0])] = true;
  tokens_.push_back(token);
  return OkStatus();
}

bool AddedTokenMatcher::Split(std::string_view text, Visitor visit) const {
  size_t done = 0;       // end of the last part visited
  size_t space_end = 0;  // end of the white space that rstrip last measured
  for (size_t i = 0; i < text.size();) {
    if (!starts_[static_cast<uint8_t>(text[i])]) {
      ++i;
      continue;
    }
    const PieceTrie::Match match = trie_.Longest(PieceTrie::kRoot, text.substr(i));
    if (match.length == 0) {
      ++i;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<size_t>(match.id)];
    size_t start = i;
    size_t stop = i += match.length;
    if (token.single_word && !IsSingleWord(text, start, stop)) continue;
    if (token.lstrip) start = SpaceBefore(text, start, done);
    if (token.rstrip) stop = space_end = stop < space_end ? space_end : SpaceAfter(text, stop);
    // A token that begins with white space can be found inside what rstrip took: as the
    // reference tokenizer does, both count.
    if (done < start && !visit(text.substr(done, start - done), std::nullopt)) return false;
    if (!visit({}, token.id)) return false;
    done = stop;
  }
  return done >= text.size() || visit(text.substr(done), std::nullopt);
}

}  // namespace coderank
