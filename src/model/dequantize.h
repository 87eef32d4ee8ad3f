// Tensor bytes to f32, for every type that weights can be read from: plain floats and ggml's
// quantised blocks. The results are those of ggml's own reference code, bit for bit.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace coderank {

// The readable types, for messages.
inline constexpr std::string_view kFloatTypes = "F32, F16 or BF16";
inline constexpr std::string_view kGgufTypes =
    "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K";

// nullopt for a type that is not among them. Precondition: `data` is a whole number of blocks.
std::optional<std::vector<float>> ToFloats(std::string_view type, std::span<const std::byte> data);

}  // namespace coderank
