// What the grouped products of the 512-bit sets have in common. Included inside the set's
// namespace, after int8_512.inl.

namespace {

// 12 sums + 12 totals + columns, scale and least value of 32 registers.
inline constexpr size_t kGroupedTileRows = 12;

inline IntVec BroadcastQuad(const int8_t* p) {
  int quad;
  __builtin_memcpy(&quad, p, sizeof(quad));
  return _mm512_set1_epi32(quad);
}
inline Vec AsFloat(IntVec v) { return _mm512_cvtepi32_ps(v); }
inline IntVec LowHalves(IntVec v) { return _mm512_and_si512(v, _mm512_set1_epi8(0x0F)); }
inline IntVec HighHalves(IntVec v) {
  return _mm512_and_si512(_mm512_srli_epi16(v, 4), _mm512_set1_epi8(0x0F));
}
inline IntVec SetInts(int32_t v) { return _mm512_set1_epi32(v); }
inline IntVec FlipSigns(IntVec v) { return _mm512_xor_si512(v, _mm512_set1_epi8(-128)); }
inline IntVec Magnitudes(IntVec v) { return _mm512_abs_epi8(v); }
// v, negated where the byte of `signs` is negative.
inline IntVec WithSignsOf(IntVec signs, IntVec v) {
  return _mm512_mask_sub_epi8(v, _mm512_movepi8_mask(signs), IntZero(), v);
}
// Sixteen values, rounded to nearest (ties to even) and limited to +-127; a NaN becomes 0.
inline void StoreSignedBytes(int8_t* p, Vec v) {
  const __mmask16 number = _mm512_cmp_ps_mask(v, v, _CMP_ORD_Q);
  __m512i rounded = _mm512_maskz_cvtps_epi32(number, _mm512_min_ps(_mm512_max_ps(v, Set1(-127)), Set1(127)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(rounded));
}

}  // namespace
