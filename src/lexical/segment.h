// A lexical segment, opened for reading: its documents, their files, and the postings of a term.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "coderank/result.h"
#include "lexical/bm25f.h"
#include "lexical/postings.h"
#include "lexical/segment_file.h"
#include "lexical/term_dictionary.h"

namespace coderank {

// A file and its documents, which are [first_document, end_document).
struct LexicalFile {
  std::string_view path;
  std::string_view language;
  uint32_t first_document = 0;
  uint32_t end_document = 0;
};

// Documents and files are numbered from 0 in the order in which they were added. Immutable, so
// thread-safe.
class LexicalSegment {
 public:
  // kNotFound, kFailedPrecondition (of another index, version or constants) or kCorrupt: in each
  // case it can be made again. Checks all but dictionary and postings, whose damage is found when
  // they are read.
  static Result<LexicalSegment> Open(const std::filesystem::path& path, std::string_view index_id);
  // Of bytes at a multiple of 8 that outlive the result.
  static Result<LexicalSegment> Parse(std::span<const std::byte> bytes, std::string_view source,
                                      std::string_view index_id);

  uint64_t generation() const { return file_.generation(); }
  uint64_t base_generation() const { return file_.base_generation(); }
  const std::string& source() const { return file_.source(); }

  uint32_t document_count() const { return static_cast<uint32_t>(chunk_ids_.size()); }
  uint32_t file_count() const { return static_cast<uint32_t>(file_starts_.size() - 1); }
  const FieldLengths& average_lengths() const { return average_lengths_; }
  int64_t chunk_id(uint32_t document) const { return chunk_ids_[document]; }
  int64_t text_id(uint32_t document) const { return text_ids_[document]; }
  LexicalFile file(uint32_t number) const;
  uint32_t FileOf(uint32_t document) const;
  // Of a delta: ids of chunks of the base that are no more, ascending.
  std::span<const int64_t> gone() const { return gone_; }

  // Nothing for a term that is in no document; kCorrupt where the segment is damaged.
  Result<std::optional<TermRecord>> FindTerm(std::string_view term) const;
  Result<PostingCursor> OpenPostings(const TermRecord& record) const;
  Status DamagedPostings() const;

 private:
  static Result<LexicalSegment> Load(SegmentFile file);
  Status CheckFiles() const;

  SegmentFile file_;
  TermDictionary dictionary_;
  FieldLengths average_lengths_{};
  std::span<const int64_t> chunk_ids_;
  std::span<const int64_t> text_ids_;
  std::span<const uint32_t> file_starts_;   // [files + 1]
  std::span<const uint32_t> name_offsets_;  // [2 * files + 1]
  std::string_view names_;
  std::span<const int64_t> gone_;
};

}  // namespace coderank
