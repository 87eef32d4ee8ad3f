#include "text/identifiers.h"

#include <array>
#include <cstdint>
#include <utility>

#include "text/characters.h"
#include "text/utf8.h"

namespace coderank {
namespace {

enum class CharacterClass : uint8_t {
  kNone,  // not of a word
  kLower,
  kUpper,
  kDigit,
  kUnderscore,
  kIdeograph,
  kInner,  // a byte that continues a character
};
using enum CharacterClass;

constexpr std::array<CharacterClass, 128> MakeAsciiClasses() {
  std::array<CharacterClass, 128> classes{};
  for (size_t c = 'a'; c <= 'z'; ++c) classes[c] = kLower;
  for (size_t c = 'A'; c <= 'Z'; ++c) classes[c] = kUpper;
  for (size_t c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  classes['_'] = kUnderscore;
  return classes;
}
constexpr std::array<CharacterClass, 128> kAsciiClasses = MakeAsciiClasses();

CharacterClass ClassOf(char32_t c) {
  const CharacterTable& table = CharacterTable::Get();
  if (table.Has(c, kCjkFlag)) return kIdeograph;
  if (!table.Has(c, kWordFlag)) return kNone;
  return table.Has(c, kUppercaseFlag) ? kUpper : kLower;
}

// A word in lower case, with the class that each byte's character had before.
struct Word {
  std::string bytes;
  std::vector<CharacterClass> classes;

  void Clear() {
    bytes.clear();
    classes.clear();
  }
  void Put(char byte, CharacterClass of) {
    bytes += byte;
    classes.push_back(of);
  }
  void PutCharacter(char32_t c, CharacterClass of) {
    const size_t start = bytes.size();
    if (of == kUpper) {
      for (const char32_t lower : ToLowercase(c)) AppendUtf8(lower, bytes);
    } else {
      AppendUtf8(c, bytes);
    }
    classes.resize(bytes.size(), kInner);
    classes[start] = of;
  }
};

// Cuts words into parts. Keeps its buffers from word to word.
class WordSplitter {
 public:
  // Half-open ranges of the word's bytes, without underscores and parts of digits only.
  struct Part {
    size_t begin;
    size_t end;
  };

  const std::vector<Part>& Split(const Word& word) {
    word_ = &word;
    parts_.clear();
    const size_t size = word.bytes.size();
    size_t begin = 0;
    while (begin < size && At(begin) == kUnderscore) ++begin;
    const bool whole = At(begin) == kDigit;
    for (size_t i = begin; i < size; ++i) {
      if (At(i) == kUnderscore) {
        Close(begin, i);
        begin = i + 1;
      } else if (i > begin && !whole && StartsPart(i)) {
        Close(begin, i);
        begin = i;
      }
    }
    Close(begin, size);
    return parts_;
  }

 private:
  CharacterClass At(size_t i) const {
    return i < word_->classes.size() ? word_->classes[i] : kNone;
  }
  // The character before the one that starts at `i` > 0.
  CharacterClass Before(size_t i) const {
    while (At(i - 1) == kInner) --i;
    return At(i - 1);
  }
  // How many characters in lower case start at `i`; counts to two.
  size_t LowerRun(size_t i) const {
    size_t run = 0;
    for (; run < 2 && (At(i) == kLower || At(i) == kInner); ++i) {
      if (At(i) == kLower) ++run;
    }
    return run;
  }
  size_t Next(size_t i) const {
    do ++i;
    while (At(i) == kInner);
    return i;
  }

  bool StartsPart(size_t i) const {
    const CharacterClass before = Before(i);
    if (At(i) == kUpper) {
      if (before == kLower || before == kDigit) return true;
      // The last capital of a run belongs to what follows, unless that is a single letter, which
      // ends the run: URLs, IPv4.
      return before == kUpper && LowerRun(Next(i)) == 2;
    }
    // A single letter after digits belongs to them: i18n, k8s.
    return At(i) == kLower && before == kDigit && LowerRun(i) == 2;
  }

  void Close(size_t begin, size_t end) {
    bool digits_only = true;
    for (size_t i = begin; i < end; ++i) digits_only &= At(i) == kDigit;
    if (!digits_only) parts_.push_back({begin, end});
  }

  const Word* word_ = nullptr;
  std::vector<Part> parts_;
};

class TextTokenizer {
 public:
  explicit TextTokenizer(FunctionRef<void(TokenKind, std::string_view)> emit) : emit_(emit) {}

  void Run(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      const auto byte = static_cast<uint8_t>(text[at]);
      if (byte < 0x80) {
        PutAscii(byte);
        ++at;
      } else {
        const DecodedCodePoint decoded = DecodeUtf8(text.substr(at));
        PutCharacter(decoded.code_point);
        at += decoded.length;
      }
    }
    EndWord();
    EndIdeographs();
  }

 private:
  void PutAscii(uint8_t byte) {
    const CharacterClass of = kAsciiClasses[byte];
    if (!ideographs_.empty()) EndIdeographs();
    if (of == kNone) return EndWord();
    if (word_.bytes.size() > kMaximumWordBytes) return;
    word_.Put(static_cast<char>(of == kUpper ? byte | 0x20 : byte), of);
  }

  void PutCharacter(char32_t c) {
    const CharacterClass of = ClassOf(c);
    if (of == kIdeograph) {
      EndWord();
      return PutIdeograph(c);
    }
    EndIdeographs();
    if (of == kNone) return EndWord();
    if (word_.bytes.size() <= kMaximumWordBytes) word_.PutCharacter(c, of);
  }

  void PutIdeograph(char32_t c) {
    const size_t last = ideographs_.size();
    AppendUtf8(c, ideographs_);
    if (last == 0) return;
    emit_(TokenKind::kWord, ideographs_);
    ideographs_.erase(0, last);
    paired_ = true;
  }

  void EndIdeographs() {
    if (!ideographs_.empty() && !paired_) emit_(TokenKind::kWord, ideographs_);
    ideographs_.clear();
    paired_ = false;
  }

  void EndWord() {
    if (word_.bytes.empty()) return;
    if (word_.bytes.size() <= kMaximumWordBytes) EmitWord();
    word_.Clear();
  }

  void EmitWord() {
    const auto& parts = splitter_.Split(word_);
    if (parts.size() > 1) {
      joined_.clear();
      for (const auto& part : parts) joined_ += Text(part);
      emit_(TokenKind::kCompound, joined_);
    }
    const TokenKind kind = parts.size() > 1 ? TokenKind::kPart : TokenKind::kWord;
    for (size_t i = 0; i < parts.size(); ++i) {
      emit_(kind, Text(parts[i]));
      EmitVariants(i, parts);
    }
  }

  void EmitVariants(size_t i, const std::vector<WordSplitter::Part>& parts) {
    const WordSplitter::Part part = parts[i];
    size_t letters = part.end;
    while (letters > part.begin && word_.classes[letters - 1] == kDigit) --letters;
    if (letters < part.end && letters - part.begin >= 2) {
      emit_(TokenKind::kVariant, Text({part.begin, letters}));
    }
    const bool joins_next = part.end - part.begin == 1 && i + 1 < parts.size() &&
                            parts[i + 1].begin == part.end && parts.size() > 2;
    if (joins_next) emit_(TokenKind::kVariant, Text({part.begin, parts[i + 1].end}));
  }

  std::string_view Text(WordSplitter::Part part) const {
    return std::string_view(word_.bytes).substr(part.begin, part.end - part.begin);
  }

  FunctionRef<void(TokenKind, std::string_view)> emit_;
  Word word_;
  WordSplitter splitter_;
  std::string joined_;
  std::string ideographs_;  // the last one
  bool paired_ = false;     // it was already part of a pair
};

}  // namespace

void Tokenize(std::string_view text, FunctionRef<void(TokenKind, std::string_view)> emit) {
  TextTokenizer(emit).Run(text);
}

std::vector<std::string> SplitIdentifier(std::string_view name) {
  std::vector<std::string> parts;
  Tokenize(name, [&parts](TokenKind kind, std::string_view token) {
    if (kind == TokenKind::kWord || kind == TokenKind::kPart) parts.emplace_back(token);
  });
  return parts;
}

std::string JoinIdentifier(std::string_view name) {
  std::string joined;
  for (const std::string& part : SplitIdentifier(name)) joined += part;
  return joined;
}

}  // namespace coderank
