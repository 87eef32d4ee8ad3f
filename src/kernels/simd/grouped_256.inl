// What the grouped products of the 256-bit sets have in common. Included inside the set's
// namespace, after int8_256.inl.

namespace {

// Of one half of a panel: 4 sums + 8 totals + columns, row, product and ones of 16 registers.
inline constexpr size_t kGroupedTileRows = 4;

inline IntVec BroadcastQuad(const int8_t* p) {
  int quad;
  __builtin_memcpy(&quad, p, sizeof(quad));
  return _mm256_set1_epi32(quad);
}
inline Vec AsFloat(IntVec v) { return _mm256_cvtepi32_ps(v); }
inline IntVec LowHalves(IntVec v) { return _mm256_and_si256(v, _mm256_set1_epi8(0x0F)); }
inline IntVec HighHalves(IntVec v) {
  return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
}
inline IntVec SetInts(int32_t v) { return _mm256_set1_epi32(v); }
inline IntVec FlipSigns(IntVec v) { return _mm256_xor_si256(v, _mm256_set1_epi8(-128)); }
inline IntVec Magnitudes(IntVec v) { return _mm256_abs_epi8(v); }
// v, negated where the byte of `signs` is negative; 0 where it is 0.
inline IntVec WithSignsOf(IntVec signs, IntVec v) { return _mm256_sign_epi8(v, signs); }
// Eight values, rounded to nearest (ties to even) and limited to +-127; a NaN becomes 0.
inline void StoreSignedBytes(int8_t* p, Vec v) {
  const __m256 limited = _mm256_min_ps(_mm256_max_ps(v, Set1(-127)), Set1(127));
  const __m256 number = _mm256_and_ps(limited, _mm256_cmp_ps(v, v, _CMP_ORD_Q));
  const __m256i rounded = _mm256_cvtps_epi32(number);
  const __m256i words = _mm256_packs_epi32(rounded, rounded);
  const __m256i bytes = _mm256_packs_epi16(words, words);
  const __m128i low = _mm256_castsi256_si128(bytes);
  const __m128i high = _mm256_extracti128_si256(bytes, 1);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_unpacklo_epi32(low, high));
}

}  // namespace
