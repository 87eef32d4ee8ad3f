// Gathers the words of documents in bounded memory and gives them back sorted by term.
//
// What has been gathered is sorted and written to a file whenever it reaches a limit: a run. The
// end merges all runs. The files have no name, so nothing remains of them whatever happens.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/function_ref.h"
#include "coderank/result.h"
#include "lexical/bm25f.h"

namespace coderank {

// How often a term stands in each field of a document, in 32 bits: field by field the widths
// below. A count that does not fit is the largest that does: far beyond where impacts saturate.
class PackedCounts {
 public:
  PackedCounts() = default;
  explicit PackedCounts(uint32_t bits) : bits_(bits) {}

  void Increment(LexicalField field) {
    const uint32_t at = kShifts[static_cast<size_t>(field)];
    const uint32_t largest = (1U << kWidths[static_cast<size_t>(field)]) - 1;
    if (((bits_ >> at) & largest) < largest) bits_ += 1U << at;
  }
  FieldCounts Unpack() const;
  uint32_t bits() const { return bits_; }

 private:
  static constexpr std::array<uint32_t, kLexicalFields> kWidths = {6, 5, 4, 4, 13};
  static constexpr std::array<uint32_t, kLexicalFields> kShifts = {0, 6, 11, 15, 19};

  uint32_t bits_ = 0;
};

struct CountedPosting {
  uint32_t document;
  PackedCounts counts;
};

// The distinct terms of a run, numbered as they come.
class TermTable {
 public:
  TermTable();

  uint32_t Number(std::string_view term);
  size_t size() const { return terms_.size(); }
  std::string_view term(uint32_t number) const {
    const Term& found = terms_[number];
    return std::string_view(bytes_).substr(found.start, found.size);
  }
  // Numbers in the order of their terms' bytes.
  std::vector<uint32_t> Sorted() const;
  void Clear();

 private:
  struct Term {
    uint64_t hash;
    uint32_t start;
    uint32_t size;
  };
  void Grow();

  std::string bytes_;
  std::vector<Term> terms_;
  std::vector<uint32_t> slots_;  // open addressing, a power of two; number + 1, 0 is free
};

// Not thread-safe.
class PostingRuns {
 public:
  // Postings in memory; some 24 bytes each at the moment of sorting, so 100 MB with the terms.
  static constexpr size_t kRunPostings = size_t{4} << 20;

  // `folder` is where the runs are written.
  explicit PostingRuns(std::filesystem::path folder, size_t run_postings = kRunPostings)
      : folder_(std::move(folder)), run_postings_(run_postings) {}

  // Documents ascend from call to call.
  void Add(uint32_t document, LexicalField field, std::string_view term);
  // Writes a run if it is time; between two documents.
  Status EndDocument();

  // All terms in byte order, once each, with their postings in the order of documents. Ends the
  // gathering. Stops at the first error of `visit`.
  Status Merge(FunctionRef<Status(std::string_view term, std::span<const CountedPosting>)> visit);

 private:
  struct Gathered {
    uint32_t term;
    CountedPosting posting;
  };
  Status WriteRun();

  std::filesystem::path folder_;
  size_t run_postings_;
  TermTable terms_;
  std::vector<uint32_t> latest_;  // [terms] where the term's latest posting is in gathered_
  std::vector<Gathered> gathered_;
  std::vector<UniqueFd> runs_;
};

}  // namespace coderank
