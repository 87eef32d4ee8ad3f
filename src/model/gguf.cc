#include "model/gguf.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/byte_cursor.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr uint32_t kOldestVersion = 2;  // version 1 had 32-bit counts and lasted two weeks
constexpr uint32_t kNewestVersion = 3;
constexpr uint64_t kDefaultAlignment = 32;
constexpr uint64_t kMaxAlignment = 1 << 16;
constexpr uint32_t kMaxDimensions = 4;  // ggml's
// Far above real files (a 7B model has 339), so that tables stay small.
constexpr uint64_t kMaxTensors = 1 << 16;
// The format says 64; larger builds of its library exist.
constexpr uint64_t kMaxNameBytes = 1024;

struct TensorInfo {
  std::string name;
  const GgmlType* type;
  std::vector<uint64_t> shape;
  uint64_t offset;  // from the start of the data
  uint64_t size;
};

Result<uint32_t> ReadVersion(ByteCursor& cursor, std::string_view source) {
  const auto magic = cursor.ReadText(kMagic.size());
  if (!magic || *magic != kMagic) {
    return Corrupt(StrCat(source, ": expected a GGUF file, found other first bytes"));
  }
  CODERANK_ASSIGN(const uint32_t version, cursor.Read<uint32_t>());
  if (version >= kOldestVersion && version <= kNewestVersion) return version;
  const uint32_t swapped = __builtin_bswap32(version);
  const bool big_endian = swapped >= 1 && swapped <= kNewestVersion;
  return InvalidArgument(StrCat(
      source, ": GGUF version: expected ", kOldestVersion, " or ", kNewestVersion, ", found ",
      big_endian ? "a big-endian file" : std::to_string(version), "; convert the model again"));
}

Result<uint64_t> ReadAlignment(const GgufMetadata& metadata) {
  constexpr std::string_view kKey = "general.alignment";
  CODERANK_ASSIGN(const std::optional<uint64_t> alignment,
                  metadata.Integer(kKey, 1, kMaxAlignment));
  const uint64_t found = alignment.value_or(kDefaultAlignment);
  if (!std::has_single_bit(found)) return metadata.Unexpected(kKey, "a power of two");
  return found;
}

// Bytes of a tensor by its type and shape.
Result<uint64_t> SizeOf(const TensorInfo& info) {
  const uint64_t row = info.shape.empty() ? 1 : info.shape.back();
  if (row % info.type->elements != 0) {
    return Corrupt(StrCat("expected rows of a multiple of ", info.type->elements,
                          " elements for type ", info.type->name, ", found ", row));
  }
  uint64_t size = info.type->bytes;
  bool overflow = __builtin_mul_overflow(size, row / info.type->elements, &size);
  for (size_t i = 0; i + 1 < info.shape.size(); ++i) {
    overflow = overflow || __builtin_mul_overflow(size, info.shape[i], &size);
  }
  if (overflow) return Corrupt("the shape's product overflows 64 bits");
  return size;
}

// What follows a tensor's name.
Status ReadShapeAndPlace(ByteCursor& cursor, TensorInfo& info) {
  CODERANK_ASSIGN(const uint32_t dimensions, cursor.Read<uint32_t>());
  if (dimensions > kMaxDimensions) {
    return Corrupt(StrCat("expected at most ", kMaxDimensions, " dimensions, found ", dimensions));
  }
  info.shape.resize(dimensions);
  for (auto extent = info.shape.rbegin(); extent != info.shape.rend(); ++extent) {
    CODERANK_ASSIGN(*extent, cursor.Read<uint64_t>());
  }
  CODERANK_ASSIGN(const uint32_t type, cursor.Read<uint32_t>());
  info.type = FindGgmlType(type);
  if (info.type == nullptr) return Corrupt(StrCat("expected a known tensor type, found ", type));
  CODERANK_ASSIGN(info.offset, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(info.size, SizeOf(info));
  return OkStatus();
}

Result<std::vector<TensorInfo>> ReadInfos(ByteCursor& cursor, uint64_t count,
                                          std::string_view source) {
  if (count > kMaxTensors) {
    return Corrupt(
        StrCat(source, ": number of tensors: expected at most ", kMaxTensors, ", found ", count));
  }
  std::vector<TensorInfo> infos;
  for (uint64_t i = 0; i < count; ++i) {
    TensorInfo info{};
    CODERANK_ASSIGN(info.name,
                    ReadGgufString(cursor, source, StrCat("name of tensor ", i), kMaxNameBytes));
    const Status read = ReadShapeAndPlace(cursor, info);
    if (!read.ok()) return read.WithContext(StrCat(source, ": tensor \"", info.name, "\""));
    infos.push_back(std::move(info));
  }
  return infos;
}

// The tensor lies in [end of the one before, size of the data] at an aligned offset.
Status CheckPlace(const TensorInfo& info, uint64_t previous_end, uint64_t data_size,
                  uint64_t alignment) {
  if (info.offset > data_size || info.size > data_size - info.offset) {
    return Corrupt(StrCat("expected ", info.size, " bytes within ", data_size,
                          " bytes of data, found offset ", info.offset));
  }
  if (info.offset % alignment != 0) {
    return Corrupt(
        StrCat("expected an offset that is a multiple of ", alignment, ", found ", info.offset));
  }
  if (info.offset < previous_end) {
    return Corrupt(StrCat("expected an offset of at least ", previous_end,
                          ", the end of the tensor before it, found ", info.offset, " (overlap)"));
  }
  return OkStatus();
}

Result<GgufTensors> PlaceTensors(std::vector<TensorInfo> infos, std::span<const std::byte> data,
                                 uint64_t alignment, std::string_view source) {
  std::sort(infos.begin(), infos.end(), [](const TensorInfo& a, const TensorInfo& b) {
    return std::tie(a.offset, a.size, a.name) < std::tie(b.offset, b.size, b.name);
  });
  GgufTensors tensors;
  uint64_t end = 0;
  for (TensorInfo& info : infos) {
    const Status placed = CheckPlace(info, end, data.size(), alignment);
    if (!placed.ok()) return placed.WithContext(StrCat(source, ": tensor \"", info.name, "\""));
    end = info.offset + info.size;
    const auto bytes = data.subspan(info.offset, info.size);
    const auto [at, added] = tensors.try_emplace(
        std::move(info.name), GgufTensor{info.type, std::move(info.shape), bytes});
    if (!added) return Corrupt(StrCat(source, ": tensor \"", at->first, "\": expected it once"));
  }
  return tensors;
}

}  // namespace

Result<Gguf> ParseGguf(std::span<const std::byte> bytes, std::string_view source) {
  ByteCursor cursor(bytes, std::string(source));
  const auto version = ReadVersion(cursor, source);
  if (!version) return version.error();
  CODERANK_ASSIGN(const uint64_t tensor_count, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(const uint64_t pair_count, cursor.Read<uint64_t>());
  CODERANK_ASSIGN(GgufMetadata metadata,
                  GgufMetadata::Read(cursor, pair_count, std::string(source)));
  CODERANK_ASSIGN(const uint64_t alignment, ReadAlignment(metadata));
  CODERANK_ASSIGN(std::vector<TensorInfo> infos, ReadInfos(cursor, tensor_count, source));
  // The data begins at the next multiple of the alignment; without data the padding may be missing.
  const uint64_t padding = (alignment - cursor.position() % alignment) % alignment;
  const auto data = cursor.rest().subspan(std::min<uint64_t>(padding, cursor.remaining()));
  CODERANK_ASSIGN(GgufTensors tensors, PlaceTensors(std::move(infos), data, alignment, source));
  return Gguf{.metadata = std::move(metadata), .tensors = std::move(tensors)};
}

Result<GgufFile> GgufFile::Open(const std::filesystem::path& path) {
  CODERANK_ASSIGN(MappedFile file, MappedFile::Open(path));
  CODERANK_ASSIGN(Gguf content, ParseGguf(file.bytes(), path.native()));
  return GgufFile{.file = std::move(file), .content = std::move(content)};
}

}  // namespace coderank
