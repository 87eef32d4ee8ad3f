#include "tokenizer/wordpiece.h"

#include "text/utf8.h"

namespace coderank {
namespace {

// ASCII characters that continue a word: neither white space nor punctuation.
constexpr std::array<bool, 256> AsciiWordBytes() {
  std::array<bool, 256> word{};
  for (size_t c = 0; c < 0x80; ++c) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    const bool punctuation = (c >= '!' && c <= '/') || (c >= ':' && c <= '@') ||
                             (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
    word[c] = !space && !punctuation;
  }
  return word;
}
constexpr std::array<bool, 256> kAsciiWord = AsciiWordBytes();

}  // namespace

void WordPieceModel::Tokenize(std::string_view word, std::vector<int32_t>& ids) const {
  const size_t before = ids.size();
  uint32_t node = PieceTrie::kRoot;
  while (!word.empty()) {
    const PieceTrie::Match match =
        node == PieceTrie::kNoNode ? PieceTrie::Match{} : pieces.Longest(node, word);
    if (match.length == 0) {
      ids.resize(before);
      ids.push_back(unknown_id);
      return;
    }
    ids.push_back(match.id);
    word.remove_prefix(match.length);
    node = continuation;
  }
}

WordPieceWriter::WordPieceWriter(const WordPieceModel& model, size_t enough)
    : model_(model), enough_(enough) {}

bool WordPieceWriter::Feed(std::string_view normalized) {
  while (!normalized.empty()) {
    normalized.remove_prefix(FeedWordRun(normalized));
    if (normalized.empty()) break;
    const DecodedCodePoint decoded = DecodeUtf8(normalized);
    const std::string_view bytes = normalized.substr(0, decoded.length);
    normalized.remove_prefix(decoded.length);
    const bool punctuation = table_.Has(decoded.code_point, kPunctuationFlag);
    if (!punctuation && !table_.Has(decoded.code_point, kSpaceFlag)) {
      AppendToWord(bytes, 1);
      continue;
    }
    if (!EndWord()) return false;
    if (!punctuation) continue;
    AppendToWord(bytes, 1);
    if (!EndWord()) return false;
  }
  return true;
}

// Takes the ASCII word characters at the start of `text`; returns their number.
size_t WordPieceWriter::FeedWordRun(std::string_view text) {
  size_t run = 0;
  while (run < text.size() && kAsciiWord[static_cast<uint8_t>(text[run])]) ++run;
  AppendToWord(text.substr(0, run), run);
  return run;
}

void WordPieceWriter::AppendToWord(std::string_view bytes, size_t characters) {
  word_characters_ += characters;
  if (word_characters_ <= model_.max_word_characters) word_.append(bytes);
}

bool WordPieceWriter::EndWord() {
  if (word_characters_ > model_.max_word_characters) {
    ids_.push_back(model_.unknown_id);
  } else {
    model_.Tokenize(word_, ids_);
  }
  word_.clear();
  word_characters_ = 0;
  return ids_.size() <= enough_;
}

bool WordPieceWriter::AddId(int32_t id) {
  if (!EndWord()) return false;
  ids_.push_back(id);
  return ids_.size() <= enough_;
}

}  // namespace coderank
