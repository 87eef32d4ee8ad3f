// The dictionary of a segment: terms in byte order, with where their postings lie.
//
// Terms stand in groups of 16; of each group kTermStarts has the place. A term is
//   varint bytes shared with the term before it in the group, varint further bytes, those bytes,
//   varint documents with it, and then
//     of one document   varint document, u8 impact (most names occur once: no list for them)
//     of several        varint offset of the list, varint bytes of the list
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "lexical/postings.h"
#include "lexical/segment_file.h"

namespace coderank {

struct TermRecord {
  uint32_t documents = 0;
  Posting single{};     // of one document
  uint64_t offset = 0;  // of several: in the section of postings
  uint64_t size = 0;    // bytes, without the padding
};

// Not thread-safe.
class TermDictionaryWriter {
 public:
  // Terms ascend.
  void Add(std::string_view term, const TermRecord& record);

  uint32_t count() const { return count_; }
  const std::string& terms() const { return terms_; }
  const std::vector<uint32_t>& starts() const { return starts_; }

 private:
  std::string terms_;
  std::vector<uint32_t> starts_;
  std::string previous_;
  uint32_t count_ = 0;
};

// Refers to the file. Immutable, so thread-safe.
class TermDictionary {
 public:
  TermDictionary() = default;
  static Result<TermDictionary> Open(const SegmentFile& file, uint32_t terms);

  // Nothing for an unknown term; kCorrupt where the dictionary is damaged.
  Result<std::optional<TermRecord>> Find(const SegmentFile& file, std::string_view term) const;

 private:
  Result<std::span<const std::byte>> Group(const SegmentFile& file, size_t group) const;

  std::span<const uint32_t> starts_;
  uint32_t terms_ = 0;
};

}  // namespace coderank
