#include "snapshot/snapshot_header.h"

#include <algorithm>
#include <cstring>

#include "base/byte_cursor.h"
#include "base/checksum.h"
#include "base/strings.h"
#include "base/try.h"
#include "text/utf8.h"

namespace coderank {
namespace {

constexpr std::string_view kMagic = "coderidx";
constexpr uint32_t kVersion = 1;
constexpr size_t kLengthAt = 12;
constexpr size_t kFieldsAt = 16;
constexpr size_t kChecksumBytes = 8;

// A database is mostly texts that are packed already and vectors, which hardly get smaller; a small
// one is mostly empty pages. 16 times and a few megabytes is far from any index, and little for a
// file that wants to fill a disk.
constexpr uint64_t kMostExpansion = 16;
constexpr uint64_t kSmallDatabase = uint64_t{16} << 20;

template <typename T>
void Append(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void AppendText(std::string& out, std::string_view text) {
  std::string valid = ToValidUtf8(text);
  while (valid.size() > SnapshotHeader::kMostText) {
    do {
      valid.pop_back();
    } while (!valid.empty() && !IsValidUtf8(valid));
  }
  Append(out, static_cast<uint16_t>(valid.size()));
  out += valid;
}

Result<std::string> ReadText(ByteCursor& cursor, const std::string& source) {
  CODERANK_ASSIGN(const uint16_t size, cursor.Read<uint16_t>());
  if (size > SnapshotHeader::kMostText) {
    return Corrupt(StrCat(source, ": header: expected texts of at most ", SnapshotHeader::kMostText,
                          " bytes, found ", size));
  }
  CODERANK_ASSIGN(const std::string_view text, cursor.ReadText(size));
  if (!IsValidUtf8(text)) return Corrupt(StrCat(source, ": header: expected texts in UTF-8"));
  return std::string(text);
}

// What stands between the length and the checksum, when that is what was written.
Result<ByteCursor> FieldsOf(std::span<const std::byte> bytes, const std::string& source) {
  ByteCursor cursor(bytes, source);
  const auto magic = cursor.ReadText(kMagic.size());
  if (!magic || *magic != kMagic) return Corrupt(StrCat(source, ": is no snapshot of an index"));
  CODERANK_ASSIGN(const uint32_t version, cursor.Read<uint32_t>());
  if (version != kVersion) {
    return FailedPrecondition(StrCat(source, ": snapshot format ", version,
                                     ", this coderank reads format ", kVersion,
                                     "; export it again with a coderank of one version"));
  }
  CODERANK_ASSIGN(const uint32_t length, cursor.Read<uint32_t>());
  if (length < cursor.position() + kChecksumBytes || length > SnapshotHeader::kMostBytes) {
    return Corrupt(StrCat(source, ": expected a header of at most ", SnapshotHeader::kMostBytes,
                          " bytes, found ", length));
  }
  if (length > bytes.size()) {
    return Corrupt(StrCat(source, ": ends early: expected a header of ", length, " bytes, found ",
                          bytes.size()));
  }
  const auto body = bytes.first(length - kChecksumBytes);
  ByteCursor end(bytes.subspan(body.size()), source);
  CODERANK_ASSIGN(const uint64_t checksum, end.Read<uint64_t>());
  if (checksum != Checksum64(body)) return Corrupt(StrCat(source, ": the header is damaged"));
  return ByteCursor(body.subspan(cursor.position()), source);
}

Status CheckSizes(const SnapshotHeader& header, const std::string& source) {
  const bool expands = header.packed_bytes < header.database_bytes / kMostExpansion &&
                       header.database_bytes > kSmallDatabase;
  if (header.packed_bytes == 0 || header.database_bytes == 0 || expands) {
    return Corrupt(StrCat(source, ": expected a database of at most ", kMostExpansion,
                          " times its packed size, found ", header.database_bytes, " bytes in ",
                          header.packed_bytes));
  }
  return OkStatus();
}

}  // namespace

std::string EncodeHeader(const SnapshotHeader& header) {
  std::string out(kMagic);
  Append(out, kVersion);
  Append(out, uint32_t{0});  // the length, below
  Append(out, header.packed_bytes);
  Append(out, header.database_bytes);
  out.append(reinterpret_cast<const char*>(header.sha256.data()), header.sha256.size());
  Append(out, header.files);
  Append(out, header.chunks);
  Append(out, header.embedded_chunks);
  Append(out, header.dimension);
  for (const std::string* text : {&header.name, &header.model, &header.fingerprint,
                                  &header.indexed_at, &header.exported_at, &header.made_by}) {
    AppendText(out, *text);
  }
  const auto length = static_cast<uint32_t>(out.size() + kChecksumBytes);
  std::memcpy(out.data() + kLengthAt, &length, sizeof(length));
  Append(out, Checksum64(out));
  return out;
}

Result<ParsedHeader> ParseHeader(std::span<const std::byte> bytes, const std::string& source) {
  CODERANK_ASSIGN(ByteCursor cursor, FieldsOf(bytes, source));
  ParsedHeader parsed{.header = {}, .bytes = kFieldsAt + cursor.remaining() + kChecksumBytes};
  SnapshotHeader& header = parsed.header;
  CODERANK_ASSIGN(header.packed_bytes, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.database_bytes, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(const auto hash, cursor.ReadBytes(header.sha256.size()));
  std::memcpy(header.sha256.data(), hash.data(), hash.size());
  CODERANK_ASSIGN(header.files, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.chunks, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.embedded_chunks, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(header.dimension, cursor.Read<uint32_t>());
  for (std::string* text : {&header.name, &header.model, &header.fingerprint, &header.indexed_at,
                            &header.exported_at, &header.made_by}) {
    CODERANK_ASSIGN(*text, ReadText(cursor, source));
  }
  CODERANK_TRY(CheckSizes(header, source));
  return parsed;
}

}  // namespace coderank
