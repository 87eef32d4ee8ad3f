#include "tokenizer/normalizer.h"

#include <algorithm>

#include "text/utf8.h"

namespace coderank {
namespace {

constexpr size_t kBlock = 4096;  // bytes of input a call to Read takes

bool IsAscii(char byte) { return static_cast<uint8_t>(byte) < 0x80; }

}  // namespace

Normalizer::Normalizer(const NormalizerOptions& options) : options_(options), ascii_() {
  const CharacterTable& table = CharacterTable::Get();
  for (char32_t c = 0; c < ascii_.size(); ++c) {
    ascii_[c] = static_cast<uint8_t>(c);
    if (options.lowercase && c >= 'A' && c <= 'Z') ascii_[c] = static_cast<uint8_t>(c + 32);
    if (!options.clean_text) continue;
    if (table.Has(c, kSpaceFlag)) ascii_[c] = ' ';
    if (table.Has(c, kControlFlag)) ascii_[c] = kDropped;
  }
}

std::string Normalizer::Normalize(std::string_view text) const {
  std::string out;
  NormalizedReader reader(*this, text);
  while (reader.Read(out)) {
  }
  return out;
}

NormalizedReader::NormalizedReader(const Normalizer& normalizer, std::string_view text)
    : normalizer_(normalizer), rest_(text) {}

bool NormalizedReader::Read(std::string& out) {
  if (rest_.empty()) return false;
  size_t left = std::min(kBlock, rest_.size());
  while (left > 0) {
    const auto* end = std::find_if_not(rest_.data(), rest_.data() + left, IsAscii);
    size_t taken = static_cast<size_t>(end - rest_.data());
    if (taken > 0) {
      ReadAscii(rest_.substr(0, taken), out);
    } else {
      const DecodedCodePoint decoded = DecodeUtf8(rest_);
      ReadCharacter(decoded.code_point, out);
      taken = decoded.length;
    }
    rest_.remove_prefix(taken);
    left -= std::min(left, taken);
  }
  if (rest_.empty()) FlushMarks(out);
  return true;
}

void NormalizedReader::ReadAscii(std::string_view run, std::string& out) {
  FlushMarks(out);
  size_t size = out.size();
  out.resize(size + run.size());
  for (const char byte : run) {
    const uint8_t mapped = normalizer_.ascii_[static_cast<uint8_t>(byte)];
    out[size] = static_cast<char>(mapped);
    size += mapped != Normalizer::kDropped ? 1 : 0;
  }
  out.resize(size);
}

void NormalizedReader::ReadCharacter(char32_t c, std::string& out) {
  const NormalizerOptions& options = normalizer_.options_;
  if (options.clean_text) {
    if (table_.Has(c, kControlFlag)) return;
    if (table_.Has(c, kSpaceFlag)) c = U' ';
  }
  const bool spaced = options.handle_chinese_chars && table_.Has(c, kCjkFlag);
  if (spaced) StripAccents(U' ', out);
  StripAccents(c, out);
  if (spaced) StripAccents(U' ', out);
}

void NormalizedReader::StripAccents(char32_t c, std::string& out) {
  if (!normalizer_.options_.strip_accents) return Put(c, out);
  const CharacterSequence parts =
      table_.Has(c, kDecomposesFlag) ? Decompose(c) : CharacterSequence{{c}, 1};
  for (const char32_t part : parts) {
    const bool dropped = table_.Has(part, kMarkFlag);
    if (!table_.Has(part, kReordersFlag)) {
      FlushMarks(out);
      if (!dropped) Put(part, out);
    } else if (!dropped) {
      // Leaving the dropped marks out first does not change the order of the others. A run longer
      // than any word is unknown in any order, so memory stays bounded.
      if (marks_.size() > kLongestWord) FlushMarks(out);
      marks_.push_back(part);
    }
  }
}

void NormalizedReader::FlushMarks(std::string& out) {
  if (marks_.empty()) return;
  std::stable_sort(marks_.begin(), marks_.end(), [](char32_t left, char32_t right) {
    return CombiningClass(left) < CombiningClass(right);
  });
  for (const char32_t mark : marks_) Put(mark, out);
  marks_.clear();
}

void NormalizedReader::Put(char32_t c, std::string& out) const {
  if (!normalizer_.options_.lowercase || !table_.Has(c, kUppercaseFlag)) {
    return AppendUtf8(c, out);
  }
  for (const char32_t lower : ToLowercase(c)) AppendUtf8(lower, out);
}

}  // namespace coderank
