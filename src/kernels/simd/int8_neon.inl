// int8 products with SDOT (the extension FEAT_DotProd), which multiplies signed bytes only: the
// activations enter as q - 128, and each column starts from 128 times the sum of its bytes. All is
// exact in int32: no partial sum exceeds 2 * 128 * 127 * kInt8MaxDepth in magnitude, where the
// addition may wrap, and the result fits. Included inside the set's namespace.

namespace {

struct IntVec {
  int32x4_t low;
  int32x4_t high;
};
// (6 x 2 accumulators + 2 of B) x 2 + 1 of A of 32 registers.
inline constexpr size_t kInt8TileRows = 6;
inline constexpr size_t kInt8TilePanels = 1;

inline IntVec IntZero() { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
inline IntVec LoadInts(const int8_t* p) {
  return {vreinterpretq_s32_s8(vld1q_s8(p)), vreinterpretq_s32_s8(vld1q_s8(p + 16))};
}
inline void StoreInts(int32_t* p, IntVec v) {
  vst1q_s32(p, v.low);
  vst1q_s32(p + 4, v.high);
}
inline Vec LoadAsFloat(const int32_t* p) {
  return {vcvtq_f32_s32(vld1q_s32(p)), vcvtq_f32_s32(vld1q_s32(p + 4))};
}
// Four times q - 128: the sign bit of each byte flips.
inline int8x16_t BroadcastGroup(const uint8_t* p) {
  uint32_t group;
  __builtin_memcpy(&group, p, sizeof(group));
  return vreinterpretq_s8_u32(vdupq_n_u32(group ^ 0x80808080U));
}
inline IntVec AddProducts(IntVec sum, int8x16_t a, IntVec b) {
  return {vdotq_s32(sum.low, vreinterpretq_s8_s32(b.low), a),
          vdotq_s32(sum.high, vreinterpretq_s8_s32(b.high), a)};
}
// 128 times the sum of each column's bytes: of the eight columns that start at b.
inline IntVec StartOfSums(const int8_t* b, size_t depth) {
  IntVec sum = IntZero();
  for (size_t k = 0; k < depth; k += kInt8Group) {
    sum = AddProducts(sum, vdupq_n_s8(1), LoadInts(b));
    b += kInt8Panel * kInt8Group;
  }
  return {vshlq_n_s32(sum.low, 7), vshlq_n_s32(sum.high, 7)};
}

// Eight values of [0, 255], rounded to nearest (ties to even); what is no number gives any byte.
inline void StoreBytes(uint8_t* p, Vec v) {
  const int16x4_t low = vmovn_s32(vcvtnq_s32_f32(v.low));
  const int16x4_t high = vmovn_s32(vcvtnq_s32_f32(v.high));
  vst1_u8(p, vmovn_u16(vreinterpretq_u16_s16(vcombine_s16(low, high))));
}

// Four vectors, rounded to signed bytes and interleaved: a[0], b[0], c[0], d[0], a[1], ...
inline void StoreByteGroups(int8_t* p, Vec a, Vec b, Vec c, Vec d) {
  const auto bytes = [](Vec v) {
    const int16x4_t low = vmovn_s32(vcvtnq_s32_f32(v.low));
    return vmovn_s16(vcombine_s16(low, vmovn_s32(vcvtnq_s32_f32(v.high))));
  };
  vst4_s8(p, {{bytes(a), bytes(b), bytes(c), bytes(d)}});
}

// Two vectors in a row of gated results are 8 columns of up and 8 of gate.
inline void SplitGated(Vec first, Vec second, Vec& up, Vec& gate) {
  up = first;
  gate = second;
}

}  // namespace
