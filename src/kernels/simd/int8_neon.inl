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

// Eight values, rounded to nearest (ties to even) and limited to [0, levels].
inline void StoreBytes(uint8_t* p, Vec v, int levels) {
  const int32x4_t most = vdupq_n_s32(levels);
  const int32x4_t none = vdupq_n_s32(0);
  const int32x4_t low = vminq_s32(vmaxq_s32(vcvtnq_s32_f32(v.low), none), most);
  const int32x4_t high = vminq_s32(vmaxq_s32(vcvtnq_s32_f32(v.high), none), most);
  const int16x8_t words = vcombine_s16(vmovn_s32(low), vmovn_s32(high));
  vst1_u8(p, vmovn_u16(vreinterpretq_u16_s16(words)));
}

// Eight values, rounded, as int16; their magnitudes fit.
inline void StoreWords(int16_t* p, Vec v) {
  vst1q_s16(p, vcombine_s16(vmovn_s32(vcvtnq_s32_f32(v.low)), vmovn_s32(vcvtnq_s32_f32(v.high))));
}
// The same for two vectors, interleaved: first[0], second[0], first[1], ...
inline void StoreWordPairs(int16_t* p, Vec first, Vec second) {
  const int32x4_t mask = vdupq_n_s32(0xffff);
  const auto pair = [mask](float32x4_t a, float32x4_t b) {
    return vorrq_s32(vandq_s32(vcvtnq_s32_f32(a), mask), vshlq_n_s32(vcvtnq_s32_f32(b), 16));
  };
  vst1q_s16(p, vreinterpretq_s16_s32(pair(first.low, second.low)));
  vst1q_s16(p + 8, vreinterpretq_s16_s32(pair(first.high, second.high)));
}
// Two words of a row for every lane.
inline int16x8_t BroadcastWords(const uint8_t* p) {
  uint32_t words;
  __builtin_memcpy(&words, p, sizeof(words));
  return vreinterpretq_s16_u32(vdupq_n_u32(words));
}
inline int32x4_t AddWordPairs(int32x4_t sum, int16x8_t a, int32x4_t b) {
  const int16x8_t words = vreinterpretq_s16_s32(b);
  const int32x4_t low = vmull_s16(vget_low_s16(a), vget_low_s16(words));
  return vaddq_s32(sum, vpaddq_s32(low, vmull_high_s16(a, words)));
}
inline IntVec AddWordProducts(IntVec sum, int16x8_t a, IntVec b) {
  return {AddWordPairs(sum.low, a, b.low), AddWordPairs(sum.high, a, b.high)};
}

// Two vectors in a row of gated results are 8 columns of up and 8 of gate.
inline void SplitGated(Vec first, Vec second, Vec& up, Vec& gate) {
  up = first;
  gate = second;
}

}  // namespace
