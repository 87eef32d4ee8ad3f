// Makes a lexical segment from a stream of documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "coderank/result.h"
#include "lexical/bm25f.h"
#include "lexical/lexical_document.h"
#include "lexical/posting_runs.h"
#include "lexical/segment_file.h"
#include "lexical/term_dictionary.h"

namespace coderank {

class LexicalSegment;
class SegmentFileWriter;

// Memory: 100 MB for the words (posting_runs.h), 36 bytes a document, the names of the files, and
// at the end the dictionary, about a tenth of the segment. Not thread-safe.
class LexicalSegmentWriter {
 public:
  // `temporary`: an existing folder for files that are larger than memory should be.
  explicit LexicalSegmentWriter(std::filesystem::path temporary,
                                size_t run_postings = PostingRuns::kRunPostings)
      : runs_(std::move(temporary), run_postings) {}

  // Documents of one file come one after the other.
  Status Add(const LexicalDocument& document);

  // Writes the segment of all that was added, in one step: the file is whole or not there. A base.
  Status Write(const std::filesystem::path& path, const SegmentStamp& stamp);
  // A delta to a base. It measures documents by the base's average lengths, so that the scores of
  // both are comparable; while deltas are small beside their base this changes nothing that can be
  // seen. `gone`: ids of chunks of the base that are no more.
  Status WriteDelta(const std::filesystem::path& path, const SegmentStamp& stamp,
                    const LexicalSegment& base, std::vector<int64_t> gone);

 private:
  Status WriteSegment(const std::filesystem::path& path, const SegmentStamp& stamp,
                      const FieldLengths& averages, std::span<const int64_t> gone);
  Status WritePostings(SegmentFileWriter& file, const FieldLengths& averages,
                       TermDictionaryWriter& dictionary);
  Status WriteTables(SegmentFileWriter& file) const;
  FieldLengths AverageLengths() const;

  PostingRuns runs_;
  std::vector<FieldCounts> lengths_;  // [documents]
  std::vector<int64_t> chunk_ids_;    // [documents]
  std::vector<int64_t> text_ids_;     // [documents]
  std::vector<uint32_t> file_starts_;
  std::vector<uint32_t> name_offsets_ = {0};
  std::string names_;
  std::string last_path_;
};

}  // namespace coderank
