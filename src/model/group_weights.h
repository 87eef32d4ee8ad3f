// Weights of one projection in the layout of kernels/grouped.h, made from the tensors of a weight
// file: blocks that fit it (Q8_0, and the 4-bit types) are taken over as they are, all others are
// quantised anew.
//
// Pure functions: the same tensors give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/grouped.h"
#include "model/dequantize.h"
#include "nn/buffer.h"

namespace coderank {

// Changes with everything that changes what is made of a tensor.
inline constexpr int kGroupSchemeVersion = 1;

// Bits of a weight.
enum class GroupBits { kFour = 4, kEight = 8 };

// What loses nothing that a reader of the type would notice: 4 bits for types of 4 bits, 8 for all
// others.
GroupBits BitsFor(std::string_view type);

// Sizes of the layout.
size_t PaddedColumns(size_t columns);
size_t GroupsOf(size_t in);
size_t GroupedValueBytes(size_t padded_columns, size_t groups, GroupBits bits);
size_t GroupedScales(size_t padded_columns, size_t groups, GroupBits bits);

// One projection's weights. Columns of different panels may be set by different threads.
class GroupedColumns {
 public:
  GroupedColumns(size_t columns, size_t in, GroupBits bits);

  // Views, which live as long as this; no bias.
  kernels::GroupedWeights weights() const;
  std::span<const uint8_t> values() const { return {values_.data(), value_bytes_}; }
  std::span<const uint16_t> scales() const { return scales_; }

  // Whether rows of `type` can be taken over block by block.
  bool TakesBlocks(std::string_view type) const;
  // Column `column` from a row of such blocks. False where a scale is not finite.
  bool SetBlocks(size_t column, std::string_view type, std::span<const std::byte> row);
  // From [in] numbers.
  bool SetFloats(size_t column, std::span<const float> weights);

 private:
  bool SetGroup(size_t column, size_t group, const BlockGroup& from);

  size_t in_;
  size_t groups_;
  size_t padded_;
  GroupBits bits_;
  size_t value_bytes_;
  nn::ByteBuffer values_;
  std::vector<uint16_t> scales_;
};

}  // namespace coderank
