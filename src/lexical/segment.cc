#include "lexical/segment.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

using segment_format::Section;
using segment_format::Statistics;

}  // namespace

Result<LexicalSegment> LexicalSegment::Open(const std::filesystem::path& path,
                                            std::string_view index_id) {
  CODERANK_ASSIGN(SegmentFile file, SegmentFile::Open(path, index_id));
  return Load(std::move(file));
}

Result<LexicalSegment> LexicalSegment::Parse(std::span<const std::byte> bytes,
                                             std::string_view source, std::string_view index_id) {
  CODERANK_ASSIGN(SegmentFile file, SegmentFile::Parse(bytes, source, index_id));
  return Load(std::move(file));
}

Result<LexicalSegment> LexicalSegment::Load(SegmentFile file) {
  CODERANK_ASSIGN(const auto statistics, file.Numbers<Statistics>(Section::kStatistics, 1));
  const Statistics& counts = statistics.front();
  LexicalSegment segment;
  std::copy_n(counts.average_lengths, kLexicalFields, segment.average_lengths_.begin());
  CODERANK_ASSIGN(segment.chunk_ids_, file.Numbers<int64_t>(Section::kChunkIds, counts.documents));
  CODERANK_ASSIGN(segment.text_ids_, file.Numbers<int64_t>(Section::kTextIds, counts.documents));
  CODERANK_ASSIGN(segment.file_starts_,
                  file.Numbers<uint32_t>(Section::kFileStarts, uint64_t{counts.files} + 1));
  CODERANK_ASSIGN(segment.name_offsets_,
                  file.Numbers<uint32_t>(Section::kNameOffsets, 2 * uint64_t{counts.files} + 1));
  CODERANK_ASSIGN(const auto names,
                  file.Numbers<char>(Section::kNames, file.size(Section::kNames)));
  segment.names_ = std::string_view(names.data(), names.size());
  CODERANK_ASSIGN(segment.gone_, file.Numbers<int64_t>(Section::kGone, counts.gone));
  CODERANK_ASSIGN(segment.dictionary_, TermDictionary::Open(file, counts.terms));
  segment.file_ = std::move(file);
  CODERANK_TRY(segment.CheckFiles());
  return segment;
}

// What the accessors rely on.
Status LexicalSegment::CheckFiles() const {
  const bool starts_fit = document_count() != kNoDocument && file_starts_.front() == 0 &&
                          file_starts_.back() == document_count() &&
                          std::is_sorted(file_starts_.begin(), file_starts_.end());
  const bool names_fit = std::is_sorted(name_offsets_.begin(), name_offsets_.end()) &&
                         name_offsets_.back() <= names_.size();
  const bool averages_fit = std::all_of(average_lengths_.begin(), average_lengths_.end(),
                                        [](float x) { return std::isfinite(x) && x >= 0; });
  if (starts_fit && names_fit && averages_fit) return OkStatus();
  return Corrupt(StrCat(source(), ": the tables of documents and files do not fit together"));
}

LexicalFile LexicalSegment::file(uint32_t number) const {
  const uint32_t path = name_offsets_[2 * size_t{number}];
  const uint32_t language = name_offsets_[2 * size_t{number} + 1];
  const uint32_t end = name_offsets_[2 * size_t{number} + 2];
  return {.path = names_.substr(path, language - path),
          .language = names_.substr(language, end - language),
          .first_document = file_starts_[number],
          .end_document = file_starts_[size_t{number} + 1]};
}

uint32_t LexicalSegment::FileOf(uint32_t document) const {
  const auto after = std::upper_bound(file_starts_.begin(), file_starts_.end(), document);
  return static_cast<uint32_t>(after - file_starts_.begin()) - 1;
}

Result<std::optional<TermRecord>> LexicalSegment::FindTerm(std::string_view term) const {
  CODERANK_ASSIGN(auto record, dictionary_.Find(file_, term));
  if (!record) return record;
  const bool fits = record->documents == 1 ? record->single.document < document_count()
                                           : record->documents <= document_count();
  if (!fits) return DamagedPostings();
  return record;
}

Result<PostingCursor> LexicalSegment::OpenPostings(const TermRecord& record) const {
  if (record.documents == 1) return PostingCursor(record.single);
  // Sizes are of the file, so this cannot overflow.
  if (record.size > file_.size(Section::kPostings)) return DamagedPostings();
  CODERANK_ASSIGN(const auto bytes,
                  file_.Read(Section::kPostings, record.offset, record.size + kPostingPadding));
  const auto list = bytes.first(static_cast<size_t>(record.size));
  PostingCursor cursor(list, record.documents, document_count());
  if (cursor.damaged()) return DamagedPostings();
  return cursor;
}

Status LexicalSegment::DamagedPostings() const {
  return Corrupt(StrCat(source(),
                        ": a list of postings is damaged; the file is made again from the index "
                        "when it is deleted"));
}

}  // namespace coderank
