#include "model/gguf_metadata.h"

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// The format's own limit on keys.
constexpr uint64_t kMaxKeyBytes = 65'535;
// Far above real files, which have below a hundred pairs: bounds the memory for keys.
constexpr uint64_t kMaxPairs = 1 << 16;
// Arrays of arrays are allowed by the format, unused by models, and skipped.
constexpr int kMaxArrayDepth = 4;

// Bytes of a value of fixed size; 0 for strings and arrays; nullopt for no type of the format.
std::optional<uint64_t> FixedSize(uint32_t type) {
  switch (static_cast<GgufValueType>(type)) {
    case GgufValueType::kUint8:
    case GgufValueType::kInt8:
    case GgufValueType::kBool:
      return 1;
    case GgufValueType::kUint16:
    case GgufValueType::kInt16:
      return 2;
    case GgufValueType::kUint32:
    case GgufValueType::kInt32:
    case GgufValueType::kFloat32:
      return 4;
    case GgufValueType::kUint64:
    case GgufValueType::kInt64:
    case GgufValueType::kFloat64:
      return 8;
    case GgufValueType::kString:
    case GgufValueType::kArray:
      return 0;
  }
  return std::nullopt;
}

template <typename T>
T Decode(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  return value;
}

struct IntegerBits {  // signed and unsigned numbers of up to 64 bits alike
  bool negative;
  uint64_t bits;  // two's complement
};

// nullopt for a type that is not an integer.
std::optional<IntegerBits> DecodeInteger(GgufValueType type, const std::byte* data) {
  const auto of_signed = [](int64_t v) { return IntegerBits{v < 0, static_cast<uint64_t>(v)}; };
  const auto of_unsigned = [](uint64_t v) { return IntegerBits{false, v}; };
  switch (type) {
    case GgufValueType::kUint8:
      return of_unsigned(Decode<uint8_t>(data));
    case GgufValueType::kInt8:
      return of_signed(Decode<int8_t>(data));
    case GgufValueType::kUint16:
      return of_unsigned(Decode<uint16_t>(data));
    case GgufValueType::kInt16:
      return of_signed(Decode<int16_t>(data));
    case GgufValueType::kUint32:
      return of_unsigned(Decode<uint32_t>(data));
    case GgufValueType::kInt32:
      return of_signed(Decode<int32_t>(data));
    case GgufValueType::kUint64:
      return of_unsigned(Decode<uint64_t>(data));
    case GgufValueType::kInt64:
      return of_signed(Decode<int64_t>(data));
    default:
      return std::nullopt;
  }
}

// A string's length and bytes, without looking at the text.
Result<std::string_view> SkipString(ByteCursor& cursor) {
  CODERANK_ASSIGN(const uint64_t size, cursor.Read<uint64_t>());
  return cursor.ReadText(size);
}

// Moves over `count` elements of `type`; what they take is in the file, so this ends with it.
Status SkipElements(ByteCursor& cursor, uint32_t type, uint64_t count, int depth) {
  const std::optional<uint64_t> size = FixedSize(type);
  if (!size) return Corrupt(StrCat("expected a value type from 0 to 12, found ", type));
  if (*size > 0) {
    const uint64_t bytes = count > UINT64_MAX / *size ? UINT64_MAX : count * *size;
    const auto skipped = cursor.ReadBytes(bytes);
    return skipped ? OkStatus() : skipped.error();
  }
  for (uint64_t i = 0; i < count; ++i) {
    if (static_cast<GgufValueType>(type) == GgufValueType::kString) {
      const auto skipped = SkipString(cursor);
      if (!skipped) return skipped.error();
      continue;
    }
    if (depth == 0) return Corrupt(StrCat("arrays nest deeper than ", kMaxArrayDepth, " levels"));
    CODERANK_ASSIGN(const uint32_t inner, cursor.Read<uint32_t>());
    CODERANK_ASSIGN(const uint64_t elements, cursor.Read<uint64_t>());
    CODERANK_TRY(SkipElements(cursor, inner, elements, depth - 1));
  }
  return OkStatus();
}

Result<GgufValue> ReadValue(ByteCursor& cursor) {
  CODERANK_ASSIGN(uint32_t type, cursor.Read<uint32_t>());
  std::optional<uint64_t> count;
  if (type == static_cast<uint32_t>(GgufValueType::kArray)) {
    CODERANK_ASSIGN(type, cursor.Read<uint32_t>());
    CODERANK_ASSIGN(count, cursor.Read<uint64_t>());
  }
  const std::span<const std::byte> rest = cursor.rest();
  CODERANK_TRY(SkipElements(cursor, type, count.value_or(1), kMaxArrayDepth));
  return GgufValue{.type = static_cast<GgufValueType>(type),
                   .count = count,
                   .data = rest.first(rest.size() - cursor.remaining())};
}

// A value for a message.
std::string Shown(const GgufValue* value) {
  if (value == nullptr) return "nothing";
  if (value->count) return StrCat("an array of ", *value->count);
  if (const auto integer = DecodeInteger(value->type, value->data.data())) {
    return integer->negative ? StrCat("-", ~integer->bits + 1) : StrCat(integer->bits);
  }
  constexpr size_t kLongestShown = 80;
  switch (value->type) {
    case GgufValueType::kFloat32:
      return StrCat(Decode<float>(value->data.data()));
    case GgufValueType::kFloat64:
      return StrCat(Decode<double>(value->data.data()));
    case GgufValueType::kBool:
      return StrCat("a boolean of ", Decode<uint8_t>(value->data.data()));
    default:
      break;
  }
  const std::string_view text(reinterpret_cast<const char*>(value->data.data()) + sizeof(uint64_t),
                              value->data.size() - sizeof(uint64_t));
  return StrCat("\"", ToValidUtf8(text.substr(0, kLongestShown)), "\"");
}

}  // namespace

Result<std::string_view> ReadGgufString(ByteCursor& cursor, std::string_view source,
                                        std::string_view what, uint64_t most) {
  CODERANK_ASSIGN(const uint64_t size, cursor.Read<uint64_t>());
  if (size == 0 || size > most) {
    return Corrupt(StrCat(source, ": ", what, ": expected 1 to ", most, " bytes, found ", size));
  }
  CODERANK_ASSIGN(const std::string_view text, cursor.ReadText(size));
  if (!IsValidUtf8(text)) return Corrupt(StrCat(source, ": ", what, ": expected UTF-8 text"));
  return text;
}

Result<GgufMetadata> GgufMetadata::Read(ByteCursor& cursor, uint64_t count, std::string source) {
  if (count > kMaxPairs) {
    return Corrupt(StrCat(source, ": number of metadata pairs: expected at most ", kMaxPairs,
                          ", found ", count));
  }
  GgufMetadata metadata(std::move(source));
  for (uint64_t i = 0; i < count; ++i) {
    CODERANK_ASSIGN(
        const std::string_view key,
        ReadGgufString(cursor, metadata.source_, StrCat("metadata key ", i), kMaxKeyBytes));
    auto value = ReadValue(cursor);
    if (!value) {
      return value.error().WithContext(StrCat(metadata.source_, ": key \"", key, "\""));
    }
    if (!metadata.values_.emplace(key, *value).second) {
      return Corrupt(StrCat(metadata.source_, ": key \"", key, "\": expected it once"));
    }
  }
  return metadata;
}

const GgufValue* GgufMetadata::Find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

Status GgufMetadata::Unexpected(std::string_view key, std::string_view expected) const {
  return Corrupt(
      StrCat(source_, ": key \"", key, "\": expected ", expected, ", found ", Shown(Find(key))));
}

Result<std::optional<uint64_t>> GgufMetadata::Integer(std::string_view key, uint64_t least,
                                                      uint64_t most) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return std::optional<uint64_t>();
  const auto integer = value->count ? std::nullopt : DecodeInteger(value->type, value->data.data());
  if (!integer || integer->negative || integer->bits < least || integer->bits > most) {
    return Unexpected(key, StrCat("a whole number from ", least, " to ", most));
  }
  return std::optional(integer->bits);
}

Result<std::optional<double>> GgufMetadata::Number(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return std::optional<double>();
  if (!value->count) {
    const std::byte* data = value->data.data();
    if (value->type == GgufValueType::kFloat32) return std::optional<double>(Decode<float>(data));
    if (value->type == GgufValueType::kFloat64) return std::optional(Decode<double>(data));
    if (const auto integer = DecodeInteger(value->type, data)) {
      return std::optional(integer->negative
                               ? static_cast<double>(static_cast<int64_t>(integer->bits))
                               : static_cast<double>(integer->bits));
    }
  }
  return Unexpected(key, "a number");
}

Result<std::optional<bool>> GgufMetadata::Flag(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return std::optional<bool>();
  if (!value->count && value->type == GgufValueType::kBool) {
    const auto byte = Decode<uint8_t>(value->data.data());
    if (byte <= 1) return std::optional(byte == 1);
  }
  return Unexpected(key, "true or false");
}

Result<std::optional<std::string_view>> GgufMetadata::Text(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return std::optional<std::string_view>();
  if (value->count || value->type != GgufValueType::kString) return Unexpected(key, "a string");
  ByteCursor cursor(value->data, source_);
  CODERANK_ASSIGN(const std::string_view text, SkipString(cursor));
  if (!IsValidUtf8(text)) return Unexpected(key, "UTF-8 text");
  return std::optional(text);
}

Result<const GgufValue*> GgufMetadata::Array(std::string_view key, bool strings,
                                             uint64_t most) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return value;
  const bool fits = value->count && *value->count <= most &&
                    (value->type == GgufValueType::kString) == strings &&
                    value->type != GgufValueType::kArray;
  if (fits) return value;
  return Unexpected(key, StrCat("an array of at most ", most, strings ? " strings" : " integers"));
}

Result<std::optional<std::vector<std::string_view>>> GgufMetadata::Texts(std::string_view key,
                                                                         uint64_t most) const {
  CODERANK_ASSIGN(const GgufValue* value, Array(key, true, most));
  if (value == nullptr) return std::optional<std::vector<std::string_view>>();
  std::vector<std::string_view> texts;
  ByteCursor cursor(value->data, source_);
  for (uint64_t i = 0; i < *value->count; ++i) {
    CODERANK_ASSIGN(const std::string_view text, SkipString(cursor));
    if (!IsValidUtf8(text)) {
      return Corrupt(StrCat(source_, ": key \"", key, "\": element ", i, ": expected UTF-8 text"));
    }
    texts.push_back(text);
  }
  return std::optional(std::move(texts));
}

Result<std::optional<std::vector<int64_t>>> GgufMetadata::Integers(std::string_view key,
                                                                   uint64_t most) const {
  CODERANK_ASSIGN(const GgufValue* value, Array(key, false, most));
  if (value == nullptr) return std::optional<std::vector<int64_t>>();
  const uint64_t size = FixedSize(static_cast<uint32_t>(value->type)).value_or(0);
  std::vector<int64_t> integers;
  for (uint64_t i = 0; i < *value->count; ++i) {
    const auto integer = DecodeInteger(value->type, value->data.data() + i * size);
    if (!integer || (!integer->negative && integer->bits > INT64_MAX)) {
      return Unexpected(key, "an array of integers");
    }
    integers.push_back(static_cast<int64_t>(integer->bits));
  }
  return std::optional(std::move(integers));
}

Result<uint64_t> GgufMetadata::RequiredInteger(std::string_view key, uint64_t least,
                                               uint64_t most) const {
  CODERANK_ASSIGN(const std::optional<uint64_t> value, Integer(key, least, most));
  if (!value) return Unexpected(key, StrCat("a whole number from ", least, " to ", most));
  return *value;
}

Result<std::string_view> GgufMetadata::RequiredText(std::string_view key) const {
  CODERANK_ASSIGN(const std::optional<std::string_view> value, Text(key));
  if (!value) return Unexpected(key, "a string");
  return *value;
}

}  // namespace coderank
