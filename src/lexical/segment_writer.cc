#include "lexical/segment_writer.h"

#include <algorithm>

#include "base/strings.h"
#include "base/try.h"
#include "lexical/segment.h"
#include "lexical/segment_file_writer.h"

namespace coderank {
namespace {

using segment_format::Section;

}  // namespace

Status LexicalSegmentWriter::Add(const LexicalDocument& document) {
  // Documents are numbered in 32 bits, and the last number means none.
  if (chunk_ids_.size() >= kNoDocument || names_.size() > UINT32_MAX / 2) {
    return ResourceExhausted(StrCat(document.path, ": the lexical index is full"));
  }
  const auto number = static_cast<uint32_t>(chunk_ids_.size());
  if (file_starts_.empty() || document.path != last_path_) {
    file_starts_.push_back(number);
    names_ += document.path;
    name_offsets_.push_back(static_cast<uint32_t>(names_.size()));
    names_ += document.language;
    name_offsets_.push_back(static_cast<uint32_t>(names_.size()));
    last_path_ = document.path;
  }
  chunk_ids_.push_back(document.chunk_id);
  text_ids_.push_back(document.text_id);
  FieldCounts& lengths = lengths_.emplace_back();
  VisitTokens(document, [&](LexicalField field, std::string_view token, bool counts_length) {
    runs_.Add(number, field, token);
    if (counts_length) ++lengths[static_cast<size_t>(field)];
  });
  return runs_.EndDocument();
}

FieldLengths LexicalSegmentWriter::AverageLengths() const {
  std::array<double, kLexicalFields> sums{};
  for (const FieldCounts& lengths : lengths_) {
    for (size_t f = 0; f < kLexicalFields; ++f) sums[f] += lengths[f];
  }
  FieldLengths averages{};
  for (size_t f = 0; f < kLexicalFields; ++f) {
    averages[f] =
        lengths_.empty() ? 0 : static_cast<float>(sums[f] / static_cast<double>(lengths_.size()));
  }
  return averages;
}

Status LexicalSegmentWriter::Write(const std::filesystem::path& path, const SegmentStamp& stamp) {
  return WriteSegment(path, stamp, AverageLengths(), {});
}

Status LexicalSegmentWriter::WriteDelta(const std::filesystem::path& path,
                                        const SegmentStamp& stamp, const LexicalSegment& base,
                                        std::vector<int64_t> gone) {
  std::sort(gone.begin(), gone.end());
  SegmentStamp of_base = stamp;
  of_base.base_generation = base.generation();
  return WriteSegment(path, of_base, base.average_lengths(), gone);
}

Status LexicalSegmentWriter::WriteSegment(const std::filesystem::path& path,
                                          const SegmentStamp& stamp, const FieldLengths& averages,
                                          std::span<const int64_t> gone) {
  CODERANK_ASSIGN(SegmentFileWriter file, SegmentFileWriter::Create(path, stamp));
  TermDictionaryWriter dictionary;
  CODERANK_TRY(WritePostings(file, averages, dictionary));
  CODERANK_TRY(file.Begin(Section::kTerms));
  CODERANK_TRY(file.Append(dictionary.terms()));
  CODERANK_TRY(file.Begin(Section::kTermStarts));
  CODERANK_TRY(file.Append(std::span<const uint32_t>(dictionary.starts())));
  CODERANK_TRY(WriteTables(file));
  CODERANK_TRY(file.Begin(Section::kGone));
  CODERANK_TRY(file.Append(gone));
  segment_format::Statistics statistics{};
  statistics.documents = static_cast<uint32_t>(chunk_ids_.size());
  statistics.files = static_cast<uint32_t>(file_starts_.size());
  statistics.terms = dictionary.count();
  statistics.gone = static_cast<uint32_t>(gone.size());
  std::copy(averages.begin(), averages.end(), statistics.average_lengths);
  CODERANK_TRY(file.Begin(Section::kStatistics));
  CODERANK_TRY(file.Append(std::span<const segment_format::Statistics>(&statistics, 1)));
  return file.Finish();
}

Status LexicalSegmentWriter::WritePostings(SegmentFileWriter& file, const FieldLengths& averages,
                                           TermDictionaryWriter& dictionary) {
  CODERANK_TRY(file.Begin(Section::kPostings));
  std::vector<Posting> postings;
  std::string list;
  CODERANK_TRY(runs_.Merge([&](std::string_view term, std::span<const CountedPosting> counted) {
    postings.clear();
    for (const CountedPosting& one : counted) {
      postings.push_back({.document = one.document,
                          .impact = Impact(one.counts.Unpack(), lengths_[one.document], averages)});
    }
    TermRecord record;
    record.documents = static_cast<uint32_t>(postings.size());
    if (postings.size() == 1) {
      record.single = postings.front();
    } else {
      list.clear();
      EncodePostings(postings, list);
      record.offset = file.section_size();
      record.size = list.size();
      CODERANK_TRY(file.Append(list));
    }
    if (dictionary.terms().size() > UINT32_MAX / 2) {
      return ResourceExhausted("the dictionary of the lexical index is full");
    }
    dictionary.Add(term, record);
    return OkStatus();
  }));
  return file.Append(std::string(kPostingPadding, '\0'));
}

Status LexicalSegmentWriter::WriteTables(SegmentFileWriter& file) const {
  std::vector<uint32_t> starts = file_starts_;
  starts.push_back(static_cast<uint32_t>(chunk_ids_.size()));
  CODERANK_TRY(file.Begin(Section::kChunkIds));
  CODERANK_TRY(file.Append(std::span<const int64_t>(chunk_ids_)));
  CODERANK_TRY(file.Begin(Section::kTextIds));
  CODERANK_TRY(file.Append(std::span<const int64_t>(text_ids_)));
  CODERANK_TRY(file.Begin(Section::kFileStarts));
  CODERANK_TRY(file.Append(std::span<const uint32_t>(starts)));
  CODERANK_TRY(file.Begin(Section::kNameOffsets));
  CODERANK_TRY(file.Append(std::span<const uint32_t>(name_offsets_)));
  CODERANK_TRY(file.Begin(Section::kNames));
  return file.Append(names_);
}

}  // namespace coderank
