#include "model/group_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/kernel_set.h"
#include "model/dequantize.h"

namespace coderank {
namespace {

using kernels::kGroupDepth;
using kernels::kGroupedPanel;
using kernels::kGroupedQuad;

constexpr size_t kQuadBytes = kGroupedPanel * kGroupedQuad;

// Of one group of a panel.
size_t BytesAGroup(GroupBits bits) {
  return bits == GroupBits::kEight ? kernels::kGroupBytes8 : kernels::kGroupBytes4;
}
size_t ScalesAGroup(GroupBits bits) { return (bits == GroupBits::kEight ? 1 : 2) * kGroupedPanel; }

uint16_t ToHalf(float value) {
  uint16_t half = 0;
  kernels::AllKernelSets().front()->f32_to_f16(&value, 1, &half);
  return half;
}
float FromHalf(uint16_t half) {
  float value = 0;
  kernels::AllKernelSets().front()->f16_to_f32(&half, 1, &value);
  return value;
}

int Nearest(float steps, int least, int most) {
  return static_cast<int>(
      std::clamp(std::nearbyint(steps), static_cast<float>(least), static_cast<float>(most)));
}

}  // namespace

GroupBits BitsFor(std::string_view type) {
  return type.starts_with("Q4_") ? GroupBits::kFour : GroupBits::kEight;
}

size_t PaddedColumns(size_t columns) {
  return (columns + kGroupedPanel - 1) / kGroupedPanel * kGroupedPanel;
}
size_t GroupsOf(size_t in) { return (in + kGroupDepth - 1) / kGroupDepth; }
size_t GroupedValueBytes(size_t padded_columns, size_t groups, GroupBits bits) {
  return padded_columns / kGroupedPanel * groups * BytesAGroup(bits);
}
size_t GroupedScales(size_t padded_columns, size_t groups, GroupBits bits) {
  return padded_columns / kGroupedPanel * groups * ScalesAGroup(bits);
}

GroupedColumns::GroupedColumns(size_t columns, size_t in, GroupBits bits)
    : in_(in),
      groups_(GroupsOf(in)),
      padded_(PaddedColumns(columns)),
      bits_(bits),
      value_bytes_(GroupedValueBytes(padded_, groups_, bits)),
      scales_(GroupedScales(padded_, groups_, bits)) {
  std::memset(values_.Reserve(value_bytes_), 0, value_bytes_);
}

kernels::GroupedWeights GroupedColumns::weights() const {
  return {.bits = static_cast<int>(bits_),
          .values = values_.data(),
          .scales = scales_.data(),
          .bias = nullptr,
          .columns = padded_,
          .groups = groups_};
}

bool GroupedColumns::SetGroup(size_t column, size_t group, const BlockGroup& from) {
  const size_t block = column / kGroupedPanel * groups_ + group;
  const size_t lane = column % kGroupedPanel;
  uint8_t* values = values_.data() + block * BytesAGroup(bits_) + lane * kGroupedQuad;
  uint16_t* scales = scales_.data() + block * ScalesAGroup(bits_) + lane;
  scales[0] = ToHalf(from.scale);
  if (!std::isfinite(FromHalf(scales[0]))) return false;
  if (bits_ == GroupBits::kEight) {
    for (size_t k = 0; k < kGroupDepth; ++k) {
      values[k / kGroupedQuad * kQuadBytes + k % kGroupedQuad] =
          static_cast<uint8_t>(from.values[k]);
    }
    return true;
  }
  scales[kGroupedPanel] = ToHalf(from.least);
  for (size_t k = 0; k < kGroupDepth / 2; ++k) {
    const int both = from.values[k] | from.values[k + kGroupDepth / 2] << 4;
    values[k / kGroupedQuad * kQuadBytes + k % kGroupedQuad] = static_cast<uint8_t>(both);
  }
  return std::isfinite(FromHalf(scales[kGroupedPanel]));
}

bool GroupedColumns::TakesBlocks(std::string_view type) const {
  return BitsFor(type) == bits_ && FindGroupReader(type) != nullptr;
}

bool GroupedColumns::SetBlocks(size_t column, std::string_view type,
                               std::span<const std::byte> row) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(row.data());
  const GroupReader read = FindGroupReader(type);
  bool finite = true;
  for (size_t g = 0; g < groups_; ++g) {
    BlockGroup group;
    read(bytes, g, group);
    finite = SetGroup(column, g, group) && finite;
  }
  return finite;
}

bool GroupedColumns::SetFloats(size_t column, std::span<const float> weights) {
  bool finite = true;
  for (size_t g = 0; g < groups_; ++g) {
    const auto part =
        weights.subspan(g * kGroupDepth, std::min(kGroupDepth, in_ - g * kGroupDepth));
    const auto [least, most] = std::minmax_element(part.begin(), part.end());
    BlockGroup group{};
    // The values are those that suit the scale as it is stored.
    if (bits_ == GroupBits::kEight) {
      group.scale = FromHalf(ToHalf(std::max(-*least, *most) / 127));
    } else {
      group.least = FromHalf(ToHalf(*least));
      group.scale = FromHalf(ToHalf((*most - group.least) / 15));
    }
    const float inverse = group.scale > 0 ? 1 / group.scale : 0;
    for (size_t k = 0; k < part.size(); ++k) {
      group.values[k] = bits_ == GroupBits::kEight
                            ? Nearest(part[k] * inverse, -127, 127)
                            : Nearest((part[k] - group.least) * inverse, 0, 15);
    }
    finite = SetGroup(column, g, group) && finite;
  }
  return finite;
}

}  // namespace coderank
