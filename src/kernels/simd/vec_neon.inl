// Eight f32 lanes with NEON, two registers each: the vocabulary that simd/*.inl is written in.
// Eight, not four: a panel of 16 columns is then two Vecs, as with AVX2. Included inside a set's
// namespace, after <arm_neon.h>.

namespace {

struct Vec {
  float32x4_t low;
  float32x4_t high;
};
inline constexpr size_t kLanes = 8;
inline constexpr size_t kTileRows =
    6;  // (6 x 2 accumulators + 2 of B) x 2 + 1 of A of 32 registers

inline Vec Set1(float v) { return {vdupq_n_f32(v), vdupq_n_f32(v)}; }
inline Vec Zero() { return Set1(0); }
inline Vec Load(const float* p) { return {vld1q_f32(p), vld1q_f32(p + 4)}; }
inline void Store(float* p, Vec v) {
  vst1q_f32(p, v.low);
  vst1q_f32(p + 4, v.high);
}
inline Vec Plus(Vec a, Vec b) { return {vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)}; }
inline Vec Minus(Vec a, Vec b) { return {vsubq_f32(a.low, b.low), vsubq_f32(a.high, b.high)}; }
inline Vec Times(Vec a, Vec b) { return {vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high)}; }
inline Vec Over(Vec a, Vec b) { return {vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high)}; }
inline Vec OverAtLeast1(Vec a, Vec b) { return Over(a, b); }  // for b in [1, 2^127]
inline Vec Fma(Vec a, Vec b, Vec c) {  // a * b + c
  return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
}
inline Vec SquareRoots(Vec v) { return {vsqrtq_f32(v.low), vsqrtq_f32(v.high)}; }
// With a NaN on either side the result is NaN.
inline Vec Larger(Vec a, Vec b) { return {vmaxq_f32(a.low, b.low), vmaxq_f32(a.high, b.high)}; }
inline Vec Smaller(Vec a, Vec b) { return {vminq_f32(a.low, b.low), vminq_f32(a.high, b.high)}; }
inline Vec Magnitude(Vec v) { return {vabsq_f32(v.low), vabsq_f32(v.high)}; }
inline Vec Round(Vec v) { return {vrndnq_f32(v.low), vrndnq_f32(v.high)}; }

inline float32x4_t SelectBySign(float32x4_t sign, float32x4_t a, float32x4_t b) {
  return vbslq_f32(vcltzq_s32(vreinterpretq_s32_f32(sign)), a, b);
}
// negative ? a : b, lane by lane, by the sign bit of `sign`.
inline Vec SelectBySign(Vec sign, Vec a, Vec b) {
  return {SelectBySign(sign.low, a.low, b.low), SelectBySign(sign.high, a.high, b.high)};
}

inline float32x4_t PowerOf2(float32x4_t n) {
  return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23));
}
// v * 2^n for integral n in [-126, 127].
inline Vec ScaleByPowerOf2(Vec v, Vec n) { return Times(v, {PowerOf2(n.low), PowerOf2(n.high)}); }

// The first `count` < kLanes lanes.
inline Vec LoadFirst(const float* p, size_t count) {
  float lanes[kLanes] = {};
  for (size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return Load(lanes);
}
inline void StoreFirst(float* p, Vec v, size_t count) {
  float lanes[kLanes];
  Store(lanes, v);
  for (size_t i = 0; i < count; ++i) p[i] = lanes[i];
}
inline Vec KeepFirst(Vec v, size_t count, Vec otherwise) {
  const uint32x4_t lane = {0, 1, 2, 3};
  const uint32x4_t end = vdupq_n_u32(static_cast<uint32_t>(count));
  return {vbslq_f32(vcltq_u32(lane, end), v.low, otherwise.low),
          vbslq_f32(vcltq_u32(vaddq_u32(lane, vdupq_n_u32(4)), end), v.high, otherwise.high)};
}

inline float Sum(Vec v) { return vaddvq_f32(vaddq_f32(v.low, v.high)); }
inline float Largest(Vec v) { return vmaxvq_f32(vmaxq_f32(v.low, v.high)); }
inline float SquareRoot(float v) { return vget_lane_f32(vsqrt_f32(vdup_n_f32(v)), 0); }

inline Vec LoadHalf(const uint16_t* p) {
  return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))),
          vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p + 4)))};
}
inline void StoreHalf(uint16_t* p, Vec v) {
  vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(v.low)));
  vst1_u16(p + 4, vreinterpret_u16_f16(vcvt_f16_f32(v.high)));
}
inline Vec LoadHalfFirst(const uint16_t* p, size_t count) {
  uint16_t lanes[kLanes] = {};
  for (size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return LoadHalf(lanes);
}
inline void StoreHalfFirst(uint16_t* p, Vec v, size_t count) {
  uint16_t lanes[kLanes];
  StoreHalf(lanes, v);
  for (size_t i = 0; i < count; ++i) p[i] = lanes[i];
}

}  // namespace
