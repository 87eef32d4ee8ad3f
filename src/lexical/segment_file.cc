#include "lexical/segment_file.h"

#include <algorithm>
#include <cstring>

#include "base/byte_cursor.h"
#include "base/checksum.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "lexical/bm25f.h"

namespace coderank {
namespace {

using segment_format::kBodyStart;
using segment_format::kHeaderBytes;
using segment_format::kPageBytes;

struct Place {
  uint64_t offset;
  uint64_t size;
};

struct Header {
  uint64_t generation;
  uint64_t base_generation;
  uint64_t file_size;
  uint64_t page_table_checksum;
  std::array<Place, segment_format::kSections> sections;
};

Status CheckOrigin(ByteCursor& cursor, std::string_view source, std::string_view index_id) {
  CODERANK_ASSIGN(const auto magic, cursor.ReadText(segment_format::kMagic.size()));
  CODERANK_ASSIGN(const uint32_t version, cursor.Read<uint32_t>());
  CODERANK_ASSIGN(const uint32_t sections, cursor.Read<uint32_t>());
  CODERANK_ASSIGN(const auto identity, cursor.ReadBytes(sizeof(Sha256Digest)));
  CODERANK_ASSIGN(const uint64_t constants, cursor.Read<uint64_t>());
  if (magic != segment_format::kMagic) {
    return Corrupt(StrCat(source, ": expected a lexical segment, found another kind of file"));
  }
  if (version != segment_format::kVersion || sections != segment_format::kSections) {
    return FailedPrecondition(StrCat(source, ": expected format version ", segment_format::kVersion,
                                     ", found ", version, "; it is made again from the index"));
  }
  const Sha256Digest expected = Sha256Of(index_id);
  if (std::memcmp(identity.data(), expected.data(), expected.size()) != 0) {
    return FailedPrecondition(StrCat(source, ": belongs to another index"));
  }
  if (constants != LexicalConstantsVersion()) {
    return FailedPrecondition(
        StrCat(source, ": was made with other tokens or weights; it is made again from the index"));
  }
  return OkStatus();
}

Result<Header> ReadHeader(std::span<const std::byte> bytes, std::string_view source,
                          std::string_view index_id) {
  ByteCursor cursor(bytes, std::string(source));
  CODERANK_TRY(CheckOrigin(cursor, source, index_id));
  Header header{};
  CODERANK_ASSIGN(header.generation, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.base_generation, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.file_size, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.page_table_checksum, cursor.Read<uint64_t>());
  for (Place& place : header.sections) {
    CODERANK_ASSIGN(place.offset, cursor.Read<uint64_t>());
    CODERANK_ASSIGN(place.size, cursor.Read<uint64_t>());
  }
  const size_t checked = cursor.position();
  CODERANK_ASSIGN(const uint64_t checksum, cursor.Read<uint64_t>());
  if (Checksum64(bytes.first(checked)) != checksum) {
    return Corrupt(StrCat(source, ": the header differs from its checksum"));
  }
  if (header.file_size != bytes.size()) {
    return Corrupt(StrCat(source, ": expected ", header.file_size, " bytes, found ", bytes.size()));
  }
  return header;
}

// Bytes of the body of a file of `size` bytes, whose page table takes the rest; -1 if there is no
// such file.
int64_t BodyBytes(uint64_t size) {
  if (size < kBodyStart) return -1;
  const uint64_t rest = size - kBodyStart;
  const uint64_t pages = (rest + kPageBytes + 7) / (kPageBytes + 8);
  if (pages * 8 > rest) return -1;
  const uint64_t body = rest - pages * 8;
  return (body + kPageBytes - 1) / kPageBytes == pages ? static_cast<int64_t>(body) : -1;
}

}  // namespace

Result<SegmentFile> SegmentFile::Parse(std::span<const std::byte> bytes, std::string_view source,
                                       std::string_view index_id) {
  CODERANK_ASSIGN(const Header header, ReadHeader(bytes, source, index_id));
  const int64_t body_bytes = BodyBytes(bytes.size());
  if (body_bytes < 0) return Corrupt(StrCat(source, ": no whole page table"));
  SegmentFile file;
  file.source_ = source;
  file.generation_ = header.generation;
  file.base_generation_ = header.base_generation;
  file.body_ = bytes.subspan(kBodyStart, static_cast<size_t>(body_bytes));
  file.page_table_ = bytes.subspan(kBodyStart + file.body_.size());
  if (Checksum64(file.page_table_) != header.page_table_checksum) {
    return Corrupt(StrCat(source, ": the page table differs from its checksum"));
  }
  for (size_t i = 0; i < header.sections.size(); ++i) {
    const Place place = header.sections[i];
    if (place.offset < kBodyStart || place.offset % segment_format::kAlignment != 0 ||
        place.offset - kBodyStart > file.body_.size() ||
        place.size > file.body_.size() - (place.offset - kBodyStart)) {
      return Corrupt(StrCat(source, ": section ", i, " lies outside of the body"));
    }
    file.sections_[i] =
        bytes.subspan(static_cast<size_t>(place.offset), static_cast<size_t>(place.size));
  }
  file.whole_ = std::make_unique<std::atomic<uint8_t>[]>(file.page_table_.size() / 8);
  return file;
}

Result<SegmentFile> SegmentFile::Open(const std::filesystem::path& path,
                                      std::string_view index_id) {
  CODERANK_ASSIGN(MappedFile mapped, MappedFile::Open(path));
  CODERANK_ASSIGN(SegmentFile file, Parse(mapped.bytes(), path.native(), index_id));
  file.file_ = std::move(mapped);
  return file;
}

Result<std::span<const std::byte>> SegmentFile::Read(Section section, uint64_t offset,
                                                     uint64_t size) const {
  const auto whole = sections_[Index(section)];
  if (offset > whole.size() || size > whole.size() - offset) {
    return Corrupt(StrCat(source_, ": section ", Index(section), ": expected ", size,
                          " bytes at offset ", offset, ", found ", whole.size(), " in all"));
  }
  const auto part = whole.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
  const auto begin = static_cast<uint64_t>(part.data() - body_.data());
  CODERANK_TRY(VerifyPages(begin, begin + part.size()));
  return part;
}

Status SegmentFile::VerifyPages(uint64_t begin, uint64_t end) const {
  if (begin == end) return OkStatus();
  for (uint64_t page = begin / kPageBytes; page <= (end - 1) / kPageBytes; ++page) {
    if (whole_[page].load(std::memory_order_relaxed) != 0) continue;
    const size_t start = static_cast<size_t>(page) * kPageBytes;
    const auto bytes = body_.subspan(start, std::min(kPageBytes, body_.size() - start));
    uint64_t expected = 0;
    std::memcpy(&expected, page_table_.data() + 8 * page, sizeof(expected));
    if (Checksum64(bytes) != expected) {
      return Corrupt(StrCat(source_, ": damaged between byte ", kBodyStart + start, " and ",
                            kBodyStart + start + bytes.size(),
                            "; it is made again from the index when it is deleted"));
    }
    whole_[page].store(1, std::memory_order_relaxed);
  }
  return OkStatus();
}

Status SegmentFile::WrongSize(Section section, uint64_t expected) const {
  return Corrupt(StrCat(source_, ": section ", Index(section), ": expected ", expected,
                        " bytes, found ", size(section)));
}

}  // namespace coderank
