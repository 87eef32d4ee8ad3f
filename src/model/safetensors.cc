#include "model/safetensors.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/byte_cursor.h"
#include "base/strings.h"
#include "base/try.h"
#include "model/safetensors_header.h"

namespace coderank {
namespace {

// The official library's limit.
constexpr uint64_t kMaxHeaderBytes = 100'000'000;

struct TypeSize {
  std::string_view name;
  uint64_t bytes;
};
// On-disk names; types of less than a byte (F4, F6_*) are not supported.
constexpr TypeSize kTypes[] = {
    {"F32", 4},     {"F16", 2}, {"BF16", 2},        {"F64", 8},         {"I64", 8},
    {"I32", 4},     {"I16", 2}, {"I8", 1},          {"U64", 8},         {"U32", 4},
    {"U16", 2},     {"U8", 1},  {"BOOL", 1},        {"F8_E4M3", 1},     {"F8_E5M2", 1},
    {"F8_E8M0", 1}, {"C64", 8}, {"F8_E4M3FNUZ", 1}, {"F8_E5M2FNUZ", 1},
};

// Bytes of a tensor by its type and shape.
Result<uint64_t> ExpectedSize(const TensorEntry& entry) {
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const TypeSize& t) { return t.name == entry.dtype; });
  if (type == std::end(kTypes)) {
    return Corrupt(
        StrCat("tensor \"", entry.name, "\": expected a known dtype, found \"", entry.dtype, "\""));
  }
  uint64_t size = type->bytes;
  for (const uint64_t extent : entry.shape) {
    if (__builtin_mul_overflow(size, extent, &size)) {
      return Corrupt(StrCat("tensor \"", entry.name, "\": the shape's product overflows 64 bits"));
    }
  }
  return size;
}

// The entry lies in [end of the one before, data.size()] and is as large as its shape says.
Status CheckPlace(const TensorEntry& entry, uint64_t previous_end, uint64_t data_size) {
  const uint64_t begin = entry.offsets[0];
  const uint64_t end = entry.offsets[1];
  if (begin > end || end > data_size) {
    return Corrupt(StrCat("tensor \"", entry.name, "\": expected offsets within ", data_size,
                          " bytes of data, found ", begin, " to ", end));
  }
  if (begin != previous_end) {
    return Corrupt(StrCat("tensor \"", entry.name, "\": expected to begin at ", previous_end,
                          ", the end of the tensor before it, found ", begin,
                          begin < previous_end ? " (overlap)" : " (hole)"));
  }
  CODERANK_ASSIGN(const uint64_t expected, ExpectedSize(entry));
  if (end - begin != expected) {
    return Corrupt(StrCat("tensor \"", entry.name, "\": expected ", expected, " bytes for ",
                          entry.dtype, " and its shape, found ", end - begin));
  }
  return OkStatus();
}

Result<TensorMap> PlaceTensors(std::vector<TensorEntry> entries, std::span<const std::byte> data) {
  std::sort(entries.begin(), entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::tie(a.offsets, a.name) < std::tie(b.offsets, b.name);
  });
  TensorMap tensors;
  uint64_t end = 0;
  for (TensorEntry& entry : entries) {
    CODERANK_TRY(CheckPlace(entry, end, data.size()));
    end = entry.offsets[1];
    const auto bytes = data.subspan(entry.offsets[0], end - entry.offsets[0]);
    tensors.emplace(std::move(entry.name),
                    TensorView{std::move(entry.dtype), std::move(entry.shape), bytes});
  }
  if (end != data.size()) {
    return Corrupt(
        StrCat("expected ", end, " bytes of data after the header, found ", data.size()));
  }
  return tensors;
}

}  // namespace

Result<TensorMap> ParseSafetensors(std::span<const std::byte> bytes, std::string_view source) {
  ByteCursor cursor(bytes, std::string(source));
  CODERANK_ASSIGN(const uint64_t header_size, cursor.Read<uint64_t>());
  const uint64_t limit = std::min<uint64_t>(kMaxHeaderBytes, cursor.remaining());
  if (header_size > limit) {
    return Corrupt(
        StrCat(source, ": header length: expected at most ", limit, " bytes, found ", header_size));
  }
  CODERANK_ASSIGN(const std::string_view header, cursor.ReadText(header_size));
  auto entries = ParseSafetensorsHeader(header);
  if (!entries) return entries.error().WithContext(source);
  auto tensors = PlaceTensors(*std::move(entries), bytes.subspan(cursor.position()));
  if (!tensors) return tensors.error().WithContext(source);
  return tensors;
}

}  // namespace coderank
