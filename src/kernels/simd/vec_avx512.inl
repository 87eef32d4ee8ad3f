// Sixteen f32 lanes with AVX512 F + BW + DQ + VL: the vocabulary that simd/*.inl is written in.
// Included inside a set's namespace, after <immintrin.h>.

namespace {

using Vec = __m512;
inline constexpr size_t kLanes = 16;
inline constexpr size_t kTileRows = 12;  // 12 x 2 accumulators + 2 of B + 1 of A of 32 registers

inline Vec Zero() { return _mm512_setzero_ps(); }
inline Vec Set1(float v) { return _mm512_set1_ps(v); }
inline Vec Load(const float* p) { return _mm512_loadu_ps(p); }
inline void Store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline Vec Plus(Vec a, Vec b) { return _mm512_add_ps(a, b); }
inline Vec Minus(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
inline Vec Times(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
inline Vec Over(Vec a, Vec b) { return _mm512_div_ps(a, b); }
// a / b for b in [1, 2^127]: an approximation with 14 bits and one Newton step, at most 2 units off.
// Half the time of a division.
inline Vec OverAtLeast1(Vec a, Vec b) {
  const Vec r = _mm512_rcp14_ps(b);
  return _mm512_mul_ps(a, _mm512_fmadd_ps(_mm512_fnmadd_ps(b, r, _mm512_set1_ps(1)), r, r));
}
inline Vec Fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }  // a * b + c
inline Vec SquareRoots(Vec v) { return _mm512_sqrt_ps(v); }
// With a NaN in `b` the result is NaN (the instruction returns its second operand).
inline Vec Larger(Vec a, Vec b) { return _mm512_max_ps(a, b); }
inline Vec Smaller(Vec a, Vec b) { return _mm512_min_ps(a, b); }
inline Vec Magnitude(Vec v) { return _mm512_andnot_ps(Set1(-0.0F), v); }
inline Vec Round(Vec v) {
  return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// negative ? a : b, lane by lane, by the sign bit of `sign`.
inline Vec SelectBySign(Vec sign, Vec a, Vec b) {
  return _mm512_mask_blend_ps(_mm512_movepi32_mask(_mm512_castps_si512(sign)), b, a);
}
// v * 2^n for integral n in [-126, 127].
inline Vec ScaleByPowerOf2(Vec v, Vec n) { return _mm512_scalef_ps(v, n); }

// The first `count` < kLanes lanes.
inline __mmask16 FirstLanes(size_t count) { return static_cast<__mmask16>((1U << count) - 1); }
inline Vec LoadFirst(const float* p, size_t count) {
  return _mm512_maskz_loadu_ps(FirstLanes(count), p);
}
inline void StoreFirst(float* p, Vec v, size_t count) {
  _mm512_mask_storeu_ps(p, FirstLanes(count), v);
}
inline Vec KeepFirst(Vec v, size_t count, Vec otherwise) {
  return _mm512_mask_blend_ps(FirstLanes(count), otherwise, v);
}

inline float Sum(Vec v) { return _mm512_reduce_add_ps(v); }
inline float Largest(Vec v) { return _mm512_reduce_max_ps(v); }
inline float SquareRoot(float v) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(v))); }

inline Vec LoadHalf(const uint16_t* p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
inline void StoreHalf(uint16_t* p, Vec v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
inline Vec LoadHalfFirst(const uint16_t* p, size_t count) {
  return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(FirstLanes(count), p));
}
inline void StoreHalfFirst(uint16_t* p, Vec v, size_t count) {
  _mm256_mask_storeu_epi16(p, FirstLanes(count), _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}

}  // namespace
