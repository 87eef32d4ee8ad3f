// A quantised block stands for `elements` numbers of a row. With f16 scales d (and m or dmin):
//
//   Q8_0   d * q                  q: 32 int8
//   Q4_0   d * (q - 8)            q: 32 x 4 bits, low halves of 16 bytes, then the high ones
//   Q4_1   d * q + m              as Q4_0
//   Q5_0   d * (q - 16)           as Q4_0 with a fifth bit each in a 32-bit word
//   Q5_1   d * q + m              as Q5_0
//   Q4_K   d * s * q - dmin * t   8 groups of 32, each with 6-bit s and t
//   Q5_K   the same with 5-bit q
//   Q6_K   d * s * (q - 32)       16 groups of 16, each with an int8 s
//
// The order of the operations is part of it: other orders round differently.
#include "model/dequantize.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "kernels/kernel_set.h"

namespace coderank {
namespace {

constexpr size_t kSmallBlock = 32;  // elements
constexpr size_t kLargeBlock = 256;

float HalfAt(const uint8_t* bytes) {
  uint16_t bits = 0;
  std::memcpy(&bits, bytes, sizeof(bits));
  float value = 0;
  kernels::AllKernelSets().front()->f16_to_f32(&bits, 1, &value);
  return value;
}

// 32 4-bit values of 16 bytes: the low halves first.
uint8_t Nibble(const uint8_t* bytes, size_t i) {
  return i < 16 ? bytes[i] & 0x0F : bytes[i - 16] >> 4;
}

// The same with a fifth bit each: bit i of the 4 bytes `high`.
uint8_t FiveBits(const uint8_t* high, const uint8_t* low, size_t i) {
  const int bit = high[i / 8] >> (i % 8) & 1;
  return static_cast<uint8_t>(Nibble(low, i) | bit << 4);
}

void ReadQ80(const uint8_t* block, float* out) {
  const float d = HalfAt(block);
  for (size_t i = 0; i < kSmallBlock; ++i) {
    out[i] = static_cast<float>(static_cast<int8_t>(block[2 + i])) * d;
  }
}

void ReadQ40(const uint8_t* block, float* out) {
  const float d = HalfAt(block);
  for (size_t i = 0; i < kSmallBlock; ++i)
    out[i] = d * static_cast<float>(Nibble(block + 2, i) - 8);
}

void ReadQ41(const uint8_t* block, float* out) {
  const float d = HalfAt(block);
  const float m = HalfAt(block + 2);
  for (size_t i = 0; i < kSmallBlock; ++i)
    out[i] = d * static_cast<float>(Nibble(block + 4, i)) + m;
}

void ReadQ50(const uint8_t* block, float* out) {
  const float d = HalfAt(block);
  for (size_t i = 0; i < kSmallBlock; ++i) {
    out[i] = d * static_cast<float>(FiveBits(block + 2, block + 6, i) - 16);
  }
}

void ReadQ51(const uint8_t* block, float* out) {
  const float d = HalfAt(block);
  const float m = HalfAt(block + 2);
  for (size_t i = 0; i < kSmallBlock; ++i) {
    out[i] = d * static_cast<float>(FiveBits(block + 4, block + 8, i)) + m;
  }
}

struct ScaleAndMin {
  float scale;
  float min;
};

// Of group `j` of 8: 6 bits each in 12 bytes. Groups 0-3 have them in the low bits of bytes 0-3
// and 4-7; groups 4-7 have 4 bits of each in bytes 8-11, the upper two above those of 0-3.
ScaleAndMin GroupScales(const uint8_t* packed, size_t j) {
  if (j < 4) {
    return {static_cast<float>(packed[j] & 0x3F), static_cast<float>(packed[j + 4] & 0x3F)};
  }
  const int scale = (packed[j + 4] & 0x0F) | (packed[j - 4] >> 6) << 4;
  const int min = packed[j + 4] >> 4 | (packed[j] >> 6) << 4;
  return {static_cast<float>(scale), static_cast<float>(min)};
}

// Q4_K and Q5_K: groups 2g and 2g + 1 are the low and the high halves of 32 bytes of `low`; in
// Q5_K bit j of the 32 bytes `high` is the fifth bit of group j. `high` is null for Q4_K.
void ReadGroups(const uint8_t* block, const uint8_t* high, const uint8_t* low, float* out) {
  const float d = HalfAt(block);
  const float dmin = HalfAt(block + 2);
  for (size_t j = 0; j < 8; ++j) {
    const ScaleAndMin group = GroupScales(block + 4, j);
    const float scale = d * group.scale;
    const float min = dmin * group.min;
    for (size_t i = 0; i < 32; ++i) {
      const uint8_t byte = low[j / 2 * 32 + i];
      int q = j % 2 == 0 ? byte & 0x0F : byte >> 4;
      if (high != nullptr) q |= (high[i] >> j & 1) << 4;
      out[j * 32 + i] = scale * static_cast<float>(q) - min;
    }
  }
}

void ReadQ4K(const uint8_t* block, float* out) { ReadGroups(block, nullptr, block + 16, out); }

void ReadQ5K(const uint8_t* block, float* out) { ReadGroups(block, block + 16, block + 48, out); }

// Fields: 128 bytes with the low 4 bits, 64 with the upper 2, 16 scales, d. Each half of the block
// (128 values) has 64 + 32 bytes; its four quarters take the low halves of the first and of the
// second 32 low bytes, then the high ones, and bits 0-1, 2-3, 4-5, 6-7 of the upper bytes.
void ReadQ6K(const uint8_t* block, float* out) {
  const float d = HalfAt(block + 208);
  for (size_t i = 0; i < kLargeBlock; ++i) {
    const size_t half = i / 128;
    const size_t quarter = i % 128 / 32;
    const uint8_t byte = block[half * 64 + quarter % 2 * 32 + i % 32];
    const int low = quarter < 2 ? byte & 0x0F : byte >> 4;
    const int upper = block[128 + half * 32 + i % 32] >> (2 * quarter) & 3;
    const float scale = d * static_cast<float>(static_cast<int8_t>(block[192 + i / 16]));
    out[i] = scale * static_cast<float>((low | upper << 4) - 32);
  }
}

struct Quantised {
  std::string_view type;
  size_t elements;  // of a block
  size_t bytes;
  void (*read)(const uint8_t* block, float* out);
};

constexpr Quantised kQuantised[] = {
    {"Q8_0", kSmallBlock, 34, ReadQ80},  {"Q4_0", kSmallBlock, 18, ReadQ40},
    {"Q4_1", kSmallBlock, 20, ReadQ41},  {"Q5_0", kSmallBlock, 22, ReadQ50},
    {"Q5_1", kSmallBlock, 24, ReadQ51},  {"Q4_K", kLargeBlock, 144, ReadQ4K},
    {"Q5_K", kLargeBlock, 176, ReadQ5K}, {"Q6_K", kLargeBlock, 210, ReadQ6K},
};

const Quantised* FindQuantised(std::string_view type) {
  const auto* found = std::find_if(std::begin(kQuantised), std::end(kQuantised),
                                   [&](const Quantised& q) { return q.type == type; });
  return found == std::end(kQuantised) ? nullptr : found;
}

std::vector<float> ReadBlocks(const Quantised& type, std::span<const std::byte> data) {
  const size_t blocks = data.size() / type.bytes;
  std::vector<float> values(blocks * type.elements);
  const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
  for (size_t b = 0; b < blocks; ++b) {
    type.read(bytes + b * type.bytes, values.data() + b * type.elements);
  }
  return values;
}

void GroupQ80(const uint8_t* row, size_t group, BlockGroup& out) {
  const uint8_t* block = row + group * 34;
  out.scale = HalfAt(block);
  out.least = 0;
  for (size_t i = 0; i < kSmallBlock; ++i) out.values[i] = (block[2 + i] ^ 0x80) - 128;  // signed
}

void GroupQ40(const uint8_t* row, size_t group, BlockGroup& out) {
  const uint8_t* block = row + group * 18;
  out.scale = HalfAt(block);
  out.least = -8 * out.scale;
  for (size_t i = 0; i < kSmallBlock; ++i) out.values[i] = Nibble(block + 2, i);
}

void GroupQ41(const uint8_t* row, size_t group, BlockGroup& out) {
  const uint8_t* block = row + group * 20;
  out.scale = HalfAt(block);
  out.least = HalfAt(block + 2);
  for (size_t i = 0; i < kSmallBlock; ++i) out.values[i] = Nibble(block + 4, i);
}

void GroupQ4K(const uint8_t* row, size_t group, BlockGroup& out) {
  constexpr size_t kGroups = kLargeBlock / 32;
  const uint8_t* block = row + group / kGroups * 144;
  const size_t j = group % kGroups;
  const ScaleAndMin scales = GroupScales(block + 4, j);
  out.scale = HalfAt(block) * scales.scale;
  out.least = -(HalfAt(block + 2) * scales.min);
  const uint8_t* low = block + 16 + j / 2 * 32;
  for (size_t i = 0; i < 32; ++i) out.values[i] = j % 2 == 0 ? low[i] & 0x0F : low[i] >> 4;
}

template <typename Bits>
std::vector<Bits> CopyAs(std::span<const std::byte> data) {
  std::vector<Bits> values(data.size() / sizeof(Bits));
  if (!data.empty()) std::memcpy(values.data(), data.data(), values.size() * sizeof(Bits));
  return values;
}

std::vector<float> FromHalves(std::span<const std::byte> data) {
  const std::vector<uint16_t> bits = CopyAs<uint16_t>(data);
  std::vector<float> values(bits.size());
  kernels::AllKernelSets().front()->f16_to_f32(bits.data(), bits.size(), values.data());
  return values;
}

// The upper halves of f32 numbers.
std::vector<float> FromBfloats(std::span<const std::byte> data) {
  const std::vector<uint16_t> bits = CopyAs<uint16_t>(data);
  std::vector<float> values(bits.size());
  for (size_t i = 0; i < bits.size(); ++i) {
    values[i] = std::bit_cast<float>(uint32_t{bits[i]} << 16);
  }
  return values;
}

}  // namespace

size_t BlockElements(std::string_view type) {
  if (type == "F32" || type == "F16" || type == "BF16") return 1;
  const Quantised* found = FindQuantised(type);
  return found == nullptr ? 0 : found->elements;
}

GroupReader FindGroupReader(std::string_view type) {
  if (type == "Q8_0") return GroupQ80;
  if (type == "Q4_0") return GroupQ40;
  if (type == "Q4_1") return GroupQ41;
  return type == "Q4_K" ? GroupQ4K : nullptr;
}

std::optional<std::vector<float>> ToFloats(std::string_view type, std::span<const std::byte> data) {
  if (type == "F32") return CopyAs<float>(data);
  if (type == "F16") return FromHalves(data);
  if (type == "BF16") return FromBfloats(data);
  const Quantised* found = FindQuantised(type);
  if (found == nullptr) return std::nullopt;
  return ReadBlocks(*found, data);
}

}  // namespace coderank
