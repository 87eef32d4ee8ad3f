// LexicalIndex: the documents of an index by their words. One segment that holds nearly everything,
// the base, and a small one, the delta, that holds what has changed since and says which documents
// of the base are gone. So a changed file costs a small delta and nothing else.
//
// Documents and files are numbered through: those of the base, then those of the delta. A result
// refers to chunks and texts by the ids that the store gave them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "coderank/result.h"
#include "lexical/document_set.h"
#include "lexical/lexical_document.h"
#include "lexical/lexical_query.h"
#include "lexical/segment.h"

namespace coderank {

struct LexicalHit {
  uint32_t document = 0;
  int64_t chunk_id = 0;
  int64_t text_id = 0;
  uint32_t file = 0;  // for LexicalIndex::file()
  double score = 0;
};

// What a term of a query adds to a document's score.
struct TermExplanation {
  std::string term;
  uint64_t documents = 0;  // that hold it
  double weight = 0;       // in the query, with its idf and its family's (QueryTerm)
  double impact = 0;       // in the document, before rounding
  double score = 0;        // weight x impact
  // Of the score, by LexicalField: in proportion to what the fields add to the frequency.
  std::array<double, kLexicalFields> by_field{};
};

// Immutable, so thread-safe.
class LexicalIndex {
 public:
  // kFailedPrecondition if the delta belongs to another base.
  static Result<LexicalIndex> Create(LexicalSegment base,
                                     std::optional<LexicalSegment> delta = std::nullopt);

  // --- Tables.
  uint32_t document_count() const;  // those that are gone included
  uint32_t file_count() const;      // the same; a changed file is there twice
  LexicalFile file(uint32_t number) const;
  // Document, chunk, text and file; score 0.
  LexicalHit Describe(uint32_t document) const;
  // Documents that are not gone.
  const DocumentSet& present() const { return present_; }

  // --- Sets of documents, for filters: they are made once for a search, and compose.
  // Present documents of the files that `wanted` lets through; it is asked once a file.
  DocumentSet InFiles(FunctionRef<bool(const LexicalFile&)> wanted) const;
  // Those of `among` that hold every one of the terms.
  Result<DocumentSet> Containing(std::span<const std::string> terms,
                                 const DocumentSet& among) const;

  // --- Search.
  // The `count` best documents of `among` that hold a term of the query, best first, equal ones in
  // the order of documents. Of more than 64 known terms the heaviest count. kCorrupt if a segment
  // is damaged: then it has to be made again.
  Result<std::vector<LexicalHit>> Search(const LexicalQuery& query, size_t count,
                                         const DocumentSet& among) const;
  // The same, of documents that `accept` lets through. It is asked only about documents that would
  // get in, some count * ln(matches / count) of them, so it may look at their texts.
  Result<std::vector<LexicalHit>> Search(const LexicalQuery& query, size_t count,
                                         const DocumentSet& among,
                                         FunctionRef<bool(const LexicalHit&)> accept) const;

  // Documents with the term, those that are gone included.
  Result<uint64_t> DocumentFrequency(std::string_view term) const;
  // How the score of a document comes about, a row for each term of the query that is in the index.
  // The sum differs from the score of Search() by its rounding (bm25f.h).
  Result<std::vector<TermExplanation>> Explain(const LexicalQuery& query,
                                               const LexicalDocument& document) const;

 private:
  struct Segment {
    LexicalSegment segment;
    uint32_t first_document;
    uint32_t first_file;
  };
  struct ListedTerm {
    std::string_view term;
    uint64_t documents;
    double weight;                                   // of an impact: with the idf
    std::vector<std::optional<TermRecord>> records;  // [segments]
  };

  explicit LexicalIndex(std::vector<Segment> segments) : segments_(std::move(segments)) {}
  const Segment& SegmentOf(uint32_t document) const;
  Result<ListedTerm> Lookup(std::string_view term) const;
  Result<std::vector<ListedTerm>> LookupAll(const LexicalQuery& query) const;
  Status IntersectSegment(size_t s, std::span<const ListedTerm> terms, const DocumentSet& among,
                          DocumentSet& found) const;

  std::vector<Segment> segments_;
  DocumentSet present_;
};

}  // namespace coderank
