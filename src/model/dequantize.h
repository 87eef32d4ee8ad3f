// Tensor bytes to f32, for every type that weights can be read from: plain floats and ggml's
// quantised blocks. The results are those of ggml's own reference code, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace coderank {

// The readable types, for messages.
inline constexpr std::string_view kFloatTypes = "F32, F16 or BF16";
inline constexpr std::string_view kGgufTypes =
    "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K";

// Numbers of one block; 0 for a type that is not among them.
size_t BlockElements(std::string_view type);

// nullopt for a type that is not among them. Precondition: `data` is a whole number of blocks.
std::optional<std::vector<float>> ToFloats(std::string_view type, std::span<const std::byte> data);

// 32 weights of a row as its blocks hold them.
struct BlockGroup {
  float scale;
  float least;     // weight = scale * value + least
  int values[32];  // of Q8_0 -128 .. 127, of the 4-bit types 0 .. 15
};

// Reads group `group` of a row of blocks.
using GroupReader = void (*)(const uint8_t* row, size_t group, BlockGroup& out);

// For Q8_0, Q4_0, Q4_1 and Q4_K; null for types whose groups are not so simple.
GroupReader FindGroupReader(std::string_view type);

}  // namespace coderank
