// The one reader for every binary format: each read is checked against the bytes that are left,
// and an error names the source and the offset.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/sha256.h"
#include "base/strings.h"
#include "coderank/result.h"

namespace coderank {

static_assert(std::endian::native == std::endian::little,
              "formats are little-endian and read by copying");

// Does not own the bytes. Not thread-safe.
class ByteCursor {
 public:
  // `source` names the file in messages.
  ByteCursor(std::span<const std::byte> bytes, std::string source)
      : bytes_(bytes), source_(std::move(source)) {}

  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  // What is left, without moving over it.
  std::span<const std::byte> rest() const { return bytes_.subspan(position_); }

  // A little-endian number.
  template <typename T>
  Result<T> Read() {
    static_assert(std::is_arithmetic_v<T>);
    if (remaining() < sizeof(T)) return Truncated(sizeof(T));
    T value;
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  Result<std::span<const std::byte>> ReadBytes(uint64_t count) {
    if (remaining() < count) return Truncated(count);
    const auto taken = bytes_.subspan(position_, static_cast<size_t>(count));
    position_ += static_cast<size_t>(count);
    return taken;
  }

  Result<std::string_view> ReadText(uint64_t count) {
    auto bytes = ReadBytes(count);
    if (!bytes) return bytes.error();
    return std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }

  Result<Sha256Digest> ReadDigest() {
    const auto bytes = ReadBytes(sizeof(Sha256Digest));
    if (!bytes) return bytes.error();
    Sha256Digest digest;
    std::memcpy(digest.data(), bytes->data(), digest.size());
    return digest;
  }

 private:
  Status Truncated(uint64_t wanted) const {
    return Corrupt(StrCat(source_, ": ends early: expected ", wanted, " bytes at offset ",
                          position_, ", found ", remaining()));
  }

  std::span<const std::byte> bytes_;
  std::string source_;
  size_t position_ = 0;
};

}  // namespace coderank
