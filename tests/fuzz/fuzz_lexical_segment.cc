// Any bytes as a lexical segment: an error, or searches that end and stay inside the bytes. The
// checksums are made right first, since a file can be made with any content and right checksums;
// without that, hardly a mutation would get past them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/sha256.h"
#include "lexical/bm25f.h"
#include "lexical/lexical_index.h"

namespace {

using coderank::LexicalFile;
using coderank::LexicalHit;
using coderank::LexicalIndex;
using coderank::LexicalSegment;
namespace format = coderank::segment_format;

constexpr const char* kIndexId = "fuzz";
// Places in the header (segment_file.h).
constexpr size_t kIdentityAt = 16;
constexpr size_t kConstantsAt = 48;
constexpr size_t kFileSizeAt = 72;
constexpr size_t kPageTableChecksumAt = 80;
constexpr size_t kHeaderChecksumAt = format::kHeaderBytes - 8;

void Require(bool condition) {
  if (!condition) std::abort();
}

template <typename T>
void Put(std::vector<std::byte>& bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

// The input without a page table, sealed: with the right identity, size and checksums.
std::vector<std::byte> Seal(std::span<const uint8_t> input) {
  const auto raw = std::as_bytes(input);
  std::vector<std::byte> bytes(raw.begin(), raw.end());
  bytes.resize(std::max(bytes.size(), format::kBodyStart));
  const std::vector<std::byte> body(bytes.begin() + format::kBodyStart, bytes.end());
  for (size_t start = 0; start < body.size(); start += format::kPageBytes) {
    const auto page = std::span(body).subspan(start);
    const uint64_t checksum =
        coderank::Checksum64(page.first(std::min(page.size(), format::kPageBytes)));
    bytes.resize(bytes.size() + 8);
    Put(bytes, bytes.size() - 8, checksum);
  }
  const auto page_table =
      std::span<const std::byte>(bytes).subspan(format::kBodyStart + body.size());
  const uint64_t table_checksum = coderank::Checksum64(page_table);
  std::memcpy(bytes.data(), format::kMagic.data(), format::kMagic.size());
  Put(bytes, 8, format::kVersion);
  Put(bytes, 12, static_cast<uint32_t>(format::kSections));
  Put(bytes, kIdentityAt, coderank::Sha256Of(kIndexId));
  Put(bytes, kConstantsAt, coderank::LexicalConstantsVersion());
  Put(bytes, kFileSizeAt, static_cast<uint64_t>(bytes.size()));
  Put(bytes, kPageTableChecksumAt, table_checksum);
  Put(bytes, kHeaderChecksumAt,
      coderank::Checksum64(std::span<const std::byte>(bytes).first(kHeaderChecksumAt)));
  return bytes;
}

void UseIndex(const LexicalIndex& index) {
  size_t names = 0;
  for (uint32_t number = 0; number < index.file_count(); ++number) {
    const LexicalFile file = index.file(number);
    Require(file.first_document <= file.end_document);
    Require(file.end_document <= index.document_count());
    names += file.path.size() + file.language.size();
  }
  const auto wanted =
      index.InFiles([names](const LexicalFile& file) { return file.path.size() + names % 2 > 3; });
  for (const char* text : {"alpha beta", "gamma", "common words of the file", "Name"}) {
    for (const auto* among : {&index.present(), &wanted}) {
      const auto hits = index.Search(coderank::MakeLexicalQuery(text), 5, *among);
      if (!hits) continue;
      for (const LexicalHit& hit : *hits) {
        Require(among->Contains(hit.document));
        Require(hit.file < index.file_count());
      }
    }
  }
  const std::vector<std::string> terms = {"common", "alpha"};
  static_cast<void>(index.Containing(terms, index.present()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<std::byte> bytes = Seal({data, size});
  const auto open = [&bytes] { return LexicalSegment::Parse(bytes, "fuzz", kIndexId); };
  auto base = open();
  if (!base) return 0;
  const bool own_delta = base->base_generation() == base->generation();
  auto index = LexicalIndex::Create(*std::move(base));
  if (index) UseIndex(*index);
  if (!own_delta) return 0;
  // As its own delta, so that what a delta says is used too.
  index = LexicalIndex::Create(*open(), std::optional(*open()));
  if (index) UseIndex(*index);
  return 0;
}
