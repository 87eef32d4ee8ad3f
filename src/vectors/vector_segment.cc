#include "vectors/vector_segment.h"

#include <utility>

#include "base/byte_cursor.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

using vector_segment_format::kHashAt;
using vector_segment_format::kHeaderBytes;
using vector_segment_format::Layout;

struct Header {
  uint32_t dimension;
  uint64_t generation;
  uint64_t base_generation;
  uint64_t rows;
  uint64_t gone;
  uint64_t file_size;
  int64_t written;
  Sha256Digest identity;
  Sha256Digest body_hash;
  Sha256Digest checksum;
};

Status ReadKind(ByteCursor& cursor, std::string_view source) {
  CODERANK_ASSIGN(const auto magic, cursor.ReadText(vector_segment_format::kMagic.size()));
  if (magic != vector_segment_format::kMagic) {
    return Corrupt(StrCat(source, ": expected a vector segment, found another kind of file"));
  }
  CODERANK_ASSIGN(const uint32_t version, cursor.Read<uint32_t>());
  if (version == vector_segment_format::kVersion) return OkStatus();
  return FailedPrecondition(
      StrCat(source, ": expected format ", vector_segment_format::kVersion, ", found ", version));
}

Result<Header> ReadHeader(ByteCursor& cursor, std::string_view source) {
  CODERANK_TRY(ReadKind(cursor, source));
  Header header{};
  CODERANK_ASSIGN(header.dimension, cursor.Read<uint32_t>());
  CODERANK_ASSIGN(header.generation, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.base_generation, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.rows, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.gone, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.file_size, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.written, cursor.Read<int64_t>());
  CODERANK_ASSIGN(header.identity, cursor.ReadDigest());
  CODERANK_ASSIGN(header.body_hash, cursor.ReadDigest());
  CODERANK_ASSIGN(header.checksum, cursor.ReadDigest());
  return header;
}

Sha256Digest HashOf(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Finish();
}

// The sizes that the header claims, against the limits and the size that was found.
Result<Layout> CheckedLayout(const Header& header, uint64_t found, std::string_view source) {
  if (header.dimension == 0 || header.dimension > vector_segment_format::kMaxDimension ||
      header.rows > vector_segment_format::kMaxRows ||
      header.gone > vector_segment_format::kMaxGone) {
    return Corrupt(StrCat(source, ": ", header.rows, " rows of dimension ", header.dimension,
                          " and ", header.gone, " texts that are gone: beyond the limits"));
  }
  const Layout layout(header.dimension, header.rows, header.gone);
  if (header.file_size != layout.file_size || found != layout.file_size) {
    return Corrupt(StrCat(source, ": expected ", layout.file_size, " bytes for ", header.rows,
                          " rows of dimension ", header.dimension, ", found ", found));
  }
  return layout;
}

}  // namespace

Sha256Digest VectorIdentity(std::string_view index_id, std::string_view fingerprint) {
  return Sha256Of(StrCat(index_id.size(), " ", index_id, fingerprint));
}

Result<VectorSegment> VectorSegment::Parse(std::span<const std::byte> bytes,
                                           std::string_view source, const Sha256Digest& identity) {
  ByteCursor cursor(bytes, std::string(source));
  CODERANK_ASSIGN(const Header header, ReadHeader(cursor, source));
  if (HashOf(bytes.first(kHashAt)) != header.checksum) {
    return Corrupt(StrCat(source, ": the header differs from its checksum"));
  }
  if (header.identity != identity) {
    return FailedPrecondition(StrCat(source, ": belongs to another index or model"));
  }
  CODERANK_ASSIGN(const Layout layout, CheckedLayout(header, bytes.size(), source));
  VectorSegment segment;
  segment.source_ = source;
  segment.bytes_ = bytes;
  segment.body_hash_ = header.body_hash;
  segment.written_ = header.written;
  segment.dimension_ = header.dimension;
  segment.row_count_ = static_cast<size_t>(header.rows);
  segment.gone_count_ = static_cast<size_t>(header.gone);
  segment.generation_ = header.generation;
  segment.base_generation_ = header.base_generation;
  segment.layout_ = layout;
  return segment;
}

Result<VectorSegment> VectorSegment::Open(const std::filesystem::path& path,
                                          const Sha256Digest& identity) {
  CODERANK_ASSIGN(MappedFile mapped, MappedFile::Open(path));
  CODERANK_ASSIGN(VectorSegment segment, Parse(mapped.bytes(), path.native(), identity));
  segment.file_ = std::move(mapped);
  if (!HasModificationTime(path, segment.written_)) CODERANK_TRY(segment.Verify());
  return segment;
}

Status VectorSegment::Verify() const {
  if (HashOf(bytes_.subspan(kHeaderBytes)) == body_hash_) return OkStatus();
  return Corrupt(StrCat(source_, ": the content differs from its SHA-256"));
}

}  // namespace coderank
