// The grouped products with SDOT, which multiplies signed bytes. Included inside the set's namespace,
// after int8_neon.inl.

namespace {

// (2 sums + 4 totals + columns, row, scale) x 2 of 32 registers.
inline constexpr size_t kGroupedTileRows = 4;

inline int8x16_t BroadcastQuad(const int8_t* p) {
  uint32_t quad;
  __builtin_memcpy(&quad, p, sizeof(quad));
  return vreinterpretq_s8_u32(vdupq_n_u32(quad));
}
inline Vec AsFloat(IntVec v) { return {vcvtq_f32_s32(v.low), vcvtq_f32_s32(v.high)}; }
inline int32x4_t LowHalves(int32x4_t v) { return vandq_s32(v, vdupq_n_s32(0x0F0F0F0F)); }
inline int32x4_t HighHalves(int32x4_t v) {
  return vreinterpretq_s32_u8(vshrq_n_u8(vreinterpretq_u8_s32(v), 4));
}
inline IntVec LowHalves(IntVec v) { return {LowHalves(v.low), LowHalves(v.high)}; }
inline IntVec HighHalves(IntVec v) { return {HighHalves(v.low), HighHalves(v.high)}; }
// Eight values, rounded to nearest (ties to even) and limited to +-127; a NaN becomes 0.
inline void StoreSignedBytes(int8_t* p, Vec v) {
  const int32x4_t most = vdupq_n_s32(127);
  const int32x4_t least = vdupq_n_s32(-127);
  const int32x4_t low = vminq_s32(vmaxq_s32(vcvtnq_s32_f32(v.low), least), most);
  const int32x4_t high = vminq_s32(vmaxq_s32(vcvtnq_s32_f32(v.high), least), most);
  vst1_s8(p, vmovn_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high))));
}

inline IntVec StartOfBytes(int32_t) { return IntZero(); }
inline IntVec PrepareBytes(IntVec columns) { return columns; }
inline IntVec AddByteProducts(IntVec sum, IntVec columns, int8x16_t row) {
  return AddProducts(sum, row, columns);
}
inline IntVec AddSmallProducts(IntVec sum, IntVec columns, int8x16_t row) {
  return AddProducts(sum, row, columns);
}

}  // namespace
