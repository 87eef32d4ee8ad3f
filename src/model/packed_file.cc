#include "model/packed_file.h"

#include <algorithm>
#include <ctime>

#include "base/byte_cursor.h"
#include "base/strings.h"
#include "base/try.h"
#include "model/packed_format.h"

namespace coderank {
namespace {

using packed_format::kAlignment;
using packed_format::kHeaderBytes;

struct Header {
  uint64_t file_size;
  int64_t written;
  uint64_t directory_offset;
  uint64_t directory_size;
  Sha256Digest body_hash;
  Sha256Digest checksum;
};

Result<Header> ReadHeader(ByteCursor& cursor, std::string_view source,
                          const Sha256Digest& identity) {
  CODERANK_ASSIGN(const auto magic, cursor.ReadText(packed_format::kMagic.size()));
  CODERANK_ASSIGN(const uint32_t version, cursor.Read<uint32_t>());
  CODERANK_ASSIGN(const uint32_t zero, cursor.Read<uint32_t>());
  if (magic != packed_format::kMagic || zero != 0) {
    return Corrupt(StrCat(source, ": expected a packed model, found another kind of file"));
  }
  if (version != packed_format::kVersion) {
    return FailedPrecondition(
        StrCat(source, ": expected format version ", packed_format::kVersion, ", found ", version));
  }
  CODERANK_ASSIGN(const Sha256Digest found, cursor.ReadDigest());
  if (found != identity) {
    return FailedPrecondition(
        StrCat(source, ": was packed from other weights or by another version"));
  }
  Header header{};
  CODERANK_ASSIGN(header.file_size, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.written, cursor.Read<int64_t>());
  CODERANK_ASSIGN(header.directory_offset, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.directory_size, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.body_hash, cursor.ReadDigest());
  CODERANK_ASSIGN(header.checksum, cursor.ReadDigest());
  return header;
}

Sha256Digest Checksum(std::span<const std::byte> bytes, std::span<const std::byte> directory) {
  Sha256 hash;
  hash.Update(bytes.first(kHeaderBytes - sizeof(Sha256Digest)));
  hash.Update(directory);
  return hash.Finish();
}

}  // namespace

Result<PackedFile> PackedFile::Parse(std::span<const std::byte> bytes, std::string_view source,
                                     const Sha256Digest& identity) {
  ByteCursor cursor(bytes, std::string(source));
  CODERANK_ASSIGN(const Header header, ReadHeader(cursor, source, identity));
  if (header.file_size != bytes.size() || header.directory_offset < kHeaderBytes ||
      header.directory_offset > bytes.size() ||
      header.directory_size != bytes.size() - header.directory_offset) {
    return Corrupt(StrCat(source, ": expected ", header.file_size, " bytes with the directory at ",
                          header.directory_offset, ", found ", bytes.size()));
  }
  const auto directory = bytes.subspan(static_cast<size_t>(header.directory_offset));
  if (Checksum(bytes, directory) != header.checksum) {
    return Corrupt(StrCat(source, ": header or directory differ from their checksum"));
  }
  PackedFile file;
  file.source_ = source;
  file.body_hash_ = header.body_hash;
  file.written_ = header.written;
  file.body_ = bytes.subspan(kHeaderBytes, bytes.size() - directory.size() - kHeaderBytes);
  ByteCursor entries(directory, StrCat(source, ": directory"));
  CODERANK_ASSIGN(const uint32_t count, entries.Read<uint32_t>());
  for (uint32_t i = 0; i < count; ++i) {
    CODERANK_ASSIGN(const uint16_t length, entries.Read<uint16_t>());
    CODERANK_ASSIGN(const auto name, entries.ReadText(length));
    CODERANK_ASSIGN(const uint64_t offset, entries.Read<uint64_t>());
    CODERANK_ASSIGN(const uint64_t size, entries.Read<uint64_t>());
    if (offset < kHeaderBytes || offset % kAlignment != 0 || offset > header.directory_offset ||
        size > header.directory_offset - offset) {
      return Corrupt(StrCat(source, ": section \"", name, "\": lies outside of the body"));
    }
    file.sections_.emplace(name,
                           bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size)));
  }
  return file;
}

Result<PackedFile> PackedFile::Open(const std::filesystem::path& path,
                                    const Sha256Digest& identity) {
  CODERANK_ASSIGN(MappedFile mapped, MappedFile::Open(path));
  CODERANK_ASSIGN(PackedFile file, Parse(mapped.bytes(), path.native(), identity));
  file.file_ = std::move(mapped);
  if (!HasModificationTime(path, file.written_)) CODERANK_TRY(file.Verify());
  return file;
}

Status PackedFile::Verify() const {
  Sha256 hash;
  hash.Update(body_);
  if (hash.Finish() == body_hash_) return OkStatus();
  return Corrupt(StrCat(source_,
                        ": the content differs from its SHA-256; it is made again from "
                        "the model's weights when it is deleted"));
}

Result<std::span<const std::byte>> PackedFile::Section(std::string_view name, size_t size) const {
  const auto found = sections_.find(name);
  if (found == sections_.end()) {
    return Corrupt(StrCat(source_, ": expected a section \"", name, "\", found none"));
  }
  if (found->second.size() != size) {
    return Corrupt(StrCat(source_, ": section \"", name, "\": expected ", size, " bytes, found ",
                          found->second.size()));
  }
  return found->second;
}

}  // namespace coderank
