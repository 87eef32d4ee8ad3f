#include "tokenizer/split_rules.h"

#include <algorithm>
#include <iterator>

#include "text/characters.h"
#include "text/utf8.h"

namespace coderank {
namespace {

constexpr SplitRules kQwen2Rules{
    .any_case = true, .any_prefix = true, .most_numbers = 1, .line_ends = true};
constexpr SplitRules kLlama3Rules{
    .any_case = true, .any_prefix = true, .most_numbers = 3, .line_ends = true};
constexpr SplitRules kSmolRules{.isolate_numeric = true};

struct KnownRules {
  std::string_view key;
  SplitRules rules;
};

constexpr KnownRules kExpressions[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", kGpt2Rules},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", kGpt2Rules},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     kQwen2Rules},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     kLlama3Rules},
    // tiktoken's spelling of the same: what is possessive could not give anything back anyway, and
    // the greedy \s* leaves the last line end to [\r\n].
    {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
     kLlama3Rules},
};

constexpr KnownRules kNames[] = {
    {"gpt-2", kGpt2Rules},        {"mpt", kGpt2Rules},
    {"olmo", kGpt2Rules},         {"phi-2", kGpt2Rules},
    {"jina-v2-code", kGpt2Rules}, {"roberta-bpe", kGpt2Rules},
    {"qwen2", kQwen2Rules},       {"deepseek-r1-qwen", kQwen2Rules},
    {"stablelm2", kQwen2Rules},   {"llama3", kLlama3Rules},
    {"llama-v3", kLlama3Rules},   {"llama-bpe", kLlama3Rules},
    {"dbrx", kLlama3Rules},       {"smaug-bpe", kLlama3Rules},
    {"smollm", kSmolRules},       {"starcoder", kSmolRules},
    {"refact", kSmolRules},       {"command-r", kSmolRules},
    {"codeshell", kSmolRules},
};

std::optional<SplitRules> Find(std::span<const KnownRules> known, std::string_view key) {
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const KnownRules& entry) { return entry.key == key; });
  return found == known.end() ? std::nullopt : std::optional(found->rules);
}

bool IsLineEnd(char32_t c) { return c == U'\r' || c == U'\n'; }

// The words of one text. Positions are bytes.
class Splitter {
 public:
  Splitter(const SplitRules& rules, std::string_view text) : rules_(rules), text_(text) {}

  // End of the word that starts at `start`, which is before the end of the text.
  size_t WordEnd(size_t start) const {
    if (const size_t end = Contraction(start); end > start) return end;
    if (const size_t end = Letters(start); end > start) return end;
    if (const size_t end = Numbers(start); end > start) return end;
    if (const size_t end = Others(start); end > start) return end;
    return Space(start);
  }

 private:
  struct Character {
    char32_t code_point;
    size_t end;
    uint16_t flags;
  };

  Character At(size_t position) const {
    const DecodedCodePoint decoded = DecodeUtf8(text_.substr(position));
    return {decoded.code_point, position + decoded.length, table_.Flags(decoded.code_point)};
  }
  bool IsAt(size_t position, uint16_t flags) const {
    return position < text_.size() && (At(position).flags & flags) != 0;
  }
  static bool IsOther(const Character& c) {
    return (c.flags & (kSpaceFlag | kLetterFlag | kNumberFlag)) == 0;
  }

  // Up to `most` characters with one of the flags; 0: any count.
  size_t Run(size_t position, uint16_t flags, size_t most = 0) const {
    for (size_t count = 0; position < text_.size() && (most == 0 || count < most); ++count) {
      const Character c = At(position);
      if ((c.flags & flags) == 0) break;
      position = c.end;
    }
    return position;
  }

  // `position`, or the one after a space there if `then` follows.
  size_t AfterSpace(size_t position, uint16_t then) const {
    return text_[position] == ' ' && IsAt(position + 1, then) ? position + 1 : position;
  }

  // The letter at `position` in lower case, as the reference folds it: U+017F is an s, too.
  char32_t FoldedAt(size_t position) const {
    constexpr char32_t kLongS = 0x17F;
    if (position >= text_.size()) return 0;
    const char32_t c = At(position).code_point;
    if (!rules_.any_case) return c;
    if (c == kLongS) return U's';
    return c >= U'A' && c <= U'Z' ? c - U'A' + U'a' : c;
  }

  size_t Contraction(size_t start) const {
    if (text_[start] != '\'' || start + 1 == text_.size()) return start;
    const size_t end = At(start + 1).end;
    const char32_t first = FoldedAt(start + 1);
    const char32_t second = FoldedAt(end);
    if (first == U's' || first == U't' || first == U'm' || first == U'd') return end;
    const bool two =
        ((first == U'r' || first == U'v') && second == U'e') || (first == U'l' && second == U'l');
    return two ? At(end).end : start;
  }

  size_t Letters(size_t start) const {
    size_t from = AfterSpace(start, kLetterFlag);
    if (rules_.any_prefix) {
      const Character c = At(start);
      const bool prefix = (c.flags & (kLetterFlag | kNumberFlag)) == 0 && !IsLineEnd(c.code_point);
      from = prefix && IsAt(c.end, kLetterFlag) ? c.end : start;
    }
    const size_t end = Run(from, kLetterFlag);
    return end > from ? end : start;
  }

  size_t Numbers(size_t start) const {
    const size_t from = rules_.most_numbers == 0 ? AfterSpace(start, kNumberFlag) : start;
    const size_t end = Run(from, kNumberFlag, rules_.most_numbers);
    return end > from ? end : start;
  }

  size_t Others(size_t start) const {
    size_t end = start;
    if (text_[start] == ' ' && start + 1 < text_.size() && IsOther(At(start + 1))) end = start + 1;
    const size_t from = end;
    while (end < text_.size()) {
      const Character c = At(end);
      if (!IsOther(c)) break;
      end = c.end;
    }
    if (end == from) return start;
    while (rules_.line_ends && end < text_.size() && IsLineEnd(At(end).code_point)) ++end;
    return end;
  }

  // `start` is white space.
  size_t Space(size_t start) const {
    size_t end = start;
    size_t last = start;            // start of the last character
    size_t after_line_end = start;  // end of the last CR or LF
    while (end < text_.size()) {
      const Character c = At(end);
      if ((c.flags & kSpaceFlag) == 0) break;
      last = end;
      end = c.end;
      if (IsLineEnd(c.code_point)) after_line_end = end;
    }
    if (rules_.line_ends && after_line_end > start) return after_line_end;
    return end < text_.size() && last > start ? last : end;
  }

  const SplitRules& rules_;
  std::string_view text_;
  const CharacterTable& table_ = CharacterTable::Get();
};

bool SplitStretch(const SplitRules& rules, std::string_view text,
                  FunctionRef<bool(std::string_view)> visit) {
  const Splitter splitter(rules, text);
  for (size_t start = 0; start < text.size();) {
    const size_t end = splitter.WordEnd(start);
    if (!visit(text.substr(start, end - start))) return false;
    start = end;
  }
  return true;
}

}  // namespace

std::optional<SplitRules> FindSplitExpression(std::string_view expression) {
  return Find(kExpressions, expression);
}

std::optional<SplitRules> FindSplitName(std::string_view name) { return Find(kNames, name); }

bool SplitWords(const SplitRules& rules, std::string_view text,
                FunctionRef<bool(std::string_view word)> visit) {
  if (!rules.isolate_numeric) return SplitStretch(rules, text, visit);
  const CharacterTable& table = CharacterTable::Get();
  size_t done = 0;
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint c = DecodeUtf8(text.substr(i));
    if (table.Has(c.code_point, kNumericFlag)) {
      if (!SplitStretch(rules, text.substr(done, i - done), visit)) return false;
      if (!SplitStretch(rules, text.substr(i, c.length), visit)) return false;
      done = i + c.length;
    }
    i += c.length;
  }
  return SplitStretch(rules, text.substr(done), visit);
}

}  // namespace coderank
