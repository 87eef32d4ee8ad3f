#include "lexical/term_dictionary.h"

#include <algorithm>

#include "base/strings.h"
#include "base/try.h"
#include "lexical/encoding.h"

namespace coderank {
namespace {

using segment_format::Section;

constexpr uint32_t kTermsPerGroup = 16;

TermRecord ReadRecord(VarintReader& reader) {
  TermRecord record;
  record.documents = reader.Varint32();
  if (record.documents == 1) {
    record.single.document = reader.Varint32();
    record.single.impact = reader.Byte();
  } else {
    record.offset = reader.Varint();
    record.size = reader.Varint();
  }
  return record;
}

Status Damaged(const SegmentFile& file) {
  return Corrupt(StrCat(file.source(), ": the dictionary of terms is damaged"));
}

}  // namespace

void TermDictionaryWriter::Add(std::string_view term, const TermRecord& record) {
  size_t shared = 0;
  if (count_ % kTermsPerGroup == 0) {
    starts_.push_back(static_cast<uint32_t>(terms_.size()));
  } else {
    const size_t most = std::min(term.size(), previous_.size());
    while (shared < most && term[shared] == previous_[shared]) ++shared;
  }
  AppendVarint(terms_, shared);
  AppendVarint(terms_, term.size() - shared);
  terms_ += term.substr(shared);
  AppendVarint(terms_, record.documents);
  if (record.documents == 1) {
    AppendVarint(terms_, record.single.document);
    AppendNumber(terms_, record.single.impact);
  } else {
    AppendVarint(terms_, record.offset);
    AppendVarint(terms_, record.size);
  }
  previous_ = term;
  ++count_;
}

Result<TermDictionary> TermDictionary::Open(const SegmentFile& file, uint32_t terms) {
  TermDictionary dictionary;
  dictionary.terms_ = terms;
  const uint64_t groups = (uint64_t{terms} + kTermsPerGroup - 1) / kTermsPerGroup;
  CODERANK_ASSIGN(dictionary.starts_, file.Numbers<uint32_t>(Section::kTermStarts, groups));
  return dictionary;
}

Result<std::span<const std::byte>> TermDictionary::Group(const SegmentFile& file,
                                                         size_t group) const {
  const uint64_t end = group + 1 < starts_.size() ? starts_[group + 1] : file.size(Section::kTerms);
  if (end < starts_[group]) return Damaged(file);
  return file.Read(Section::kTerms, starts_[group], end - starts_[group]);
}

Result<std::optional<TermRecord>> TermDictionary::Find(const SegmentFile& file,
                                                       std::string_view term) const {
  // The last group whose first term is not after `term`.
  size_t low = 0;
  size_t high = starts_.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    CODERANK_ASSIGN(const auto bytes, Group(file, middle));
    VarintReader reader(bytes);
    const uint64_t shared = reader.Varint();
    const std::string_view first = reader.Text(reader.Varint());
    if (!reader.ok() || shared != 0) return Damaged(file);
    if (first <= term) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::optional<TermRecord>();
  CODERANK_ASSIGN(const auto bytes, Group(file, low - 1));
  VarintReader reader(bytes);
  std::string current;
  const uint32_t first = static_cast<uint32_t>(low - 1) * kTermsPerGroup;
  for (uint32_t i = first; i < std::min(first + kTermsPerGroup, terms_); ++i) {
    const uint64_t shared = reader.Varint();
    if (shared > current.size()) return Damaged(file);
    current.resize(static_cast<size_t>(shared));
    current += reader.Text(reader.Varint());
    const TermRecord record = ReadRecord(reader);
    if (!reader.ok() || record.documents == 0) return Damaged(file);
    if (current == term) return std::optional<TermRecord>(record);
    if (current > term) break;
  }
  return std::optional<TermRecord>();
}

}  // namespace coderank
