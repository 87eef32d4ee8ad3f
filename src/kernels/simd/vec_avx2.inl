// Eight f32 lanes with AVX2 + FMA + F16C: the vocabulary that simd/*.inl is written in.
// Included inside a set's namespace, after <immintrin.h>.

namespace {

using Vec = __m256;
inline constexpr size_t kLanes = 8;
inline constexpr size_t kTileRows = 6;  // 6 x 2 accumulators + 2 of B + 1 of A of 16 registers

inline Vec Zero() { return _mm256_setzero_ps(); }
inline Vec Set1(float v) { return _mm256_set1_ps(v); }
inline Vec Load(const float* p) { return _mm256_loadu_ps(p); }
inline void Store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
inline Vec Plus(Vec a, Vec b) { return _mm256_add_ps(a, b); }
inline Vec Minus(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
inline Vec Times(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
inline Vec Over(Vec a, Vec b) { return _mm256_div_ps(a, b); }
inline Vec OverAtLeast1(Vec a, Vec b) { return Over(a, b); }  // for b in [1, 2^127]
inline Vec Fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }  // a * b + c
inline Vec SquareRoots(Vec v) { return _mm256_sqrt_ps(v); }
// With a NaN in `b` the result is NaN (the instruction returns its second operand).
inline Vec Larger(Vec a, Vec b) { return _mm256_max_ps(a, b); }
inline Vec Smaller(Vec a, Vec b) { return _mm256_min_ps(a, b); }
inline Vec Magnitude(Vec v) { return _mm256_andnot_ps(Set1(-0.0F), v); }
inline Vec Round(Vec v) {
  return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// negative ? a : b, lane by lane, by the sign bit of `sign`.
inline Vec SelectBySign(Vec sign, Vec a, Vec b) { return _mm256_blendv_ps(b, a, sign); }
// v * 2^n for integral n in [-126, 127].
inline Vec ScaleByPowerOf2(Vec v, Vec n) {
  const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
  return Times(v, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
}

// The first `count` < kLanes lanes.
inline __m256i FirstLanes(size_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
}
inline Vec LoadFirst(const float* p, size_t count) {
  return _mm256_maskload_ps(p, FirstLanes(count));
}
inline void StoreFirst(float* p, Vec v, size_t count) {
  _mm256_maskstore_ps(p, FirstLanes(count), v);
}
inline Vec KeepFirst(Vec v, size_t count, Vec otherwise) {
  return _mm256_blendv_ps(otherwise, v, _mm256_castsi256_ps(FirstLanes(count)));
}

inline float Sum(Vec v) {
  __m128 x = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}
inline float Largest(Vec v) {
  __m128 x = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  x = _mm_max_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}
inline float SquareRoot(float v) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(v))); }

inline Vec LoadHalf(const uint16_t* p) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline void StoreHalf(uint16_t* p, Vec v) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
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
