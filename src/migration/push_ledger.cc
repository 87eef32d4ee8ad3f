#include "migration/push_ledger.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

#include "base/byte_cursor.h"
#include "base/checksum.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

// The file, numbers little-endian:
//   magic      8 bytes
//   target     SHA-256 of the target's text
//   chunks     u64, the store's generations
//   vectors    u64
//   count      u64
//   entries    count x (chunk i64, point 16 bytes), ascending by chunk
//   checksum   u64, XXH3 of all before it
constexpr std::string_view kMagic("CRPUSH1\n", 8);
constexpr uint64_t kMostEntries = uint64_t{1} << 26;
constexpr uint64_t kEntryBytes = 24;
constexpr uint64_t kMostBytes = kMostEntries * kEntryBytes + 1024;

template <typename T>
void AppendNumber(std::string& to, T number) {
  std::array<char, sizeof(T)> bytes{};
  std::memcpy(bytes.data(), &number, sizeof(T));
  to.append(bytes.data(), bytes.size());
}

Result<PushLedger> Parse(std::string_view content, std::string_view target,
                         const std::string& name) {
  ByteCursor cursor(std::as_bytes(std::span(content)), name);
  CODERANK_ASSIGN(const std::string_view magic, cursor.ReadText(kMagic.size()));
  if (magic != kMagic) return Corrupt(StrCat(name, ": not a ledger of this version"));
  Sha256Digest expected = Sha256Of(target);
  CODERANK_ASSIGN(const auto found, cursor.ReadBytes(expected.size()));
  if (std::memcmp(found.data(), expected.data(), expected.size()) != 0) {
    return FailedPrecondition(StrCat(name, ": of another collection"));
  }
  PushLedger ledger;
  CODERANK_ASSIGN(ledger.generation.chunks, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(ledger.generation.vectors, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(const uint64_t count, cursor.Read<uint64_t>());
  if (count > kMostEntries || cursor.remaining() != count * kEntryBytes + sizeof(uint64_t)) {
    return Corrupt(StrCat(name, ": expected ", count, " entries, found ", cursor.remaining(),
                          " bytes for them"));
  }
  ledger.entries.resize(static_cast<size_t>(count));
  for (PushLedger::Entry& entry : ledger.entries) {
    CODERANK_ASSIGN(entry.chunk, cursor.Read<int64_t>());
    CODERANK_ASSIGN(const auto point, cursor.ReadBytes(entry.point.size()));
    std::memcpy(entry.point.data(), point.data(), entry.point.size());
  }
  const uint64_t checksum = Checksum64(content.substr(0, cursor.position()));
  CODERANK_ASSIGN(const uint64_t written, cursor.Read<uint64_t>());
  if (checksum != written) return Corrupt(StrCat(name, ": its checksum is wrong"));
  return ledger;
}

}  // namespace

qdrant::PointId PushLedger::Entry::PointOf() const {
  auto id = qdrant::PointId::FromJson(qdrant::Json(ToHex(point)));
  return id ? *std::move(id) : qdrant::PointId();  // 16 bytes are a UUID always
}

void PushLedger::Add(int64_t chunk, const qdrant::PointId& id) {
  Entry entry{.chunk = chunk};
  std::string digits = id.text();
  std::erase(digits, '-');
  for (size_t i = 0; i < entry.point.size() && 2 * i + 1 < digits.size(); ++i) {
    entry.point[i] =
        static_cast<uint8_t>(16 * HexDigitValue(digits[2 * i]) + HexDigitValue(digits[2 * i + 1]));
  }
  entries.push_back(entry);
}

Result<PushLedger> ReadPushLedger(const std::filesystem::path& file, std::string_view target) {
  CODERANK_ASSIGN(const std::string content, ReadFile(file, kMostBytes));
  return Parse(content, target, file.native());
}

Status WritePushLedger(const std::filesystem::path& file, std::string_view target,
                       const PushLedger& ledger) {
  std::string content(kMagic);
  content.reserve(ledger.entries.size() * kEntryBytes + 128);
  const Sha256Digest digest = Sha256Of(target);
  content.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  AppendNumber(content, ledger.generation.chunks);
  AppendNumber(content, ledger.generation.vectors);
  AppendNumber(content, static_cast<uint64_t>(ledger.entries.size()));
  for (const PushLedger::Entry& entry : ledger.entries) {
    AppendNumber(content, entry.chunk);
    content.append(reinterpret_cast<const char*>(entry.point.data()), entry.point.size());
  }
  AppendNumber(content, Checksum64(content));
  return WriteFileAtomically(file, content);
}

}  // namespace coderank
