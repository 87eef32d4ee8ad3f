// Numbers in the bytes of a segment. Writing appends; reading checks every byte against the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace coderank {

template <typename T>
void AppendNumber(std::string& to, T value) {
  static_assert(std::is_arithmetic_v<T>);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  to.append(bytes, sizeof(T));
}

// Seven bits a byte, lowest first; the top bit says that another byte follows.
inline void AppendVarint(std::string& to, uint64_t value) {
  while (value >= 0x80) {
    to += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  to += static_cast<char>(value);
}

// Reads varints and bytes. After the first failure everything read is 0 and ok() is false, so that
// a group of reads is checked once. Not thread-safe.
class VarintReader {
 public:
  explicit VarintReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }

  uint64_t Varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return ok_ ? value : 0;
    }
    return Fail();
  }

  uint32_t Varint32() {
    const uint64_t value = Varint();
    return static_cast<uint32_t>(value <= UINT32_MAX ? value : Fail());
  }

  uint8_t Byte() {
    if (!ok_ || position_ == bytes_.size()) return static_cast<uint8_t>(Fail());
    return static_cast<uint8_t>(bytes_[position_++]);
  }

  std::string_view Text(uint64_t size) {
    if (!ok_ || size > bytes_.size() - position_) {
      Fail();
      return {};
    }
    const auto part = bytes_.subspan(position_, static_cast<size_t>(size));
    position_ += part.size();
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }

 private:
  uint64_t Fail() {
    ok_ = false;
    return 0;
  }

  std::span<const std::byte> bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace coderank
