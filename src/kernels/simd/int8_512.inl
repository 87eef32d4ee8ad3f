// What the int8 products of the 512-bit sets have in common; each adds AddProducts().
// Included inside the set's namespace.

namespace {

using IntVec = __m512i;
// 7 x 4 accumulators + 4 of B of 32 registers; A comes from memory.
inline constexpr size_t kInt8TileRows = 7;
inline constexpr size_t kInt8TilePanels = 4;

inline IntVec IntZero() { return _mm512_setzero_si512(); }
// The products are of unsigned and signed bytes as they are: a column's sum starts from nothing.
inline IntVec StartOfSums(const int8_t*, size_t) { return IntZero(); }
inline IntVec LoadInts(const int8_t* p) { return _mm512_load_si512(p); }
inline IntVec BroadcastGroup(const uint8_t* p) {
  int group;
  __builtin_memcpy(&group, p, sizeof(group));
  return _mm512_set1_epi32(group);
}
// Two words of a row for every lane.
inline IntVec BroadcastWords(const uint8_t* p) { return BroadcastGroup(p); }
inline void StoreInts(int32_t* p, IntVec v) { _mm512_store_si512(p, v); }
inline Vec LoadAsFloat(const int32_t* p) { return _mm512_cvtepi32_ps(_mm512_load_si512(p)); }

// Sixteen values, rounded to nearest (ties to even) and limited to [0, levels].
inline void StoreBytes(uint8_t* p, Vec v, int levels) {
  __m512i rounded = _mm512_cvtps_epi32(v);
  rounded = _mm512_min_epi32(_mm512_max_epi32(rounded, IntZero()), _mm512_set1_epi32(levels));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(rounded));
}

// Sixteen values, rounded, as int16; their magnitudes fit.
inline void StoreWords(int16_t* p, Vec v) {
  const __m256i words = _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(v));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), words);
}
// The same for two vectors, interleaved: first[0], second[0], first[1], ...
inline void StoreWordPairs(int16_t* p, Vec first, Vec second) {
  const __m512i low = _mm512_and_si512(_mm512_cvtps_epi32(first), _mm512_set1_epi32(0xffff));
  const __m512i high = _mm512_slli_epi32(_mm512_cvtps_epi32(second), 16);
  _mm512_storeu_si512(p, _mm512_or_si512(low, high));
}

// Two vectors in a row of gated results are two times 8 columns of up and 8 of gate.
inline void SplitGated(Vec first, Vec second, Vec& up, Vec& gate) {
  up = _mm512_shuffle_f32x4(first, second, 0x44);
  gate = _mm512_shuffle_f32x4(first, second, 0xee);
}

}  // namespace
