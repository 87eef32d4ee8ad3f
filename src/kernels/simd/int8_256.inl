// What the int8 products of the 256-bit sets have in common; each adds AddProducts().
// Included inside the set's namespace.

namespace {

using IntVec = __m256i;
// 6 x 2 accumulators + 2 of B + 1 of A + 1 product of 16 registers.
inline constexpr size_t kInt8TileRows = 6;
inline constexpr size_t kInt8TilePanels = 1;

inline IntVec IntZero() { return _mm256_setzero_si256(); }
// The products are of unsigned and signed bytes as they are: a column's sum starts from nothing.
inline IntVec StartOfSums(const int8_t*, size_t) { return IntZero(); }
inline IntVec LoadInts(const int8_t* p) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(p));
}
inline IntVec BroadcastGroup(const uint8_t* p) {
  int group;
  __builtin_memcpy(&group, p, sizeof(group));
  return _mm256_set1_epi32(group);
}
// Two words of a row for every lane.
inline IntVec BroadcastWords(const uint8_t* p) { return BroadcastGroup(p); }
inline void StoreInts(int32_t* p, IntVec v) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(p), v);
}
inline Vec LoadAsFloat(const int32_t* p) {
  return _mm256_cvtepi32_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)));
}

// Eight values, rounded to nearest (ties to even) and limited to [0, levels].
inline void StoreBytes(uint8_t* p, Vec v, int levels) {
  __m256i rounded = _mm256_cvtps_epi32(v);
  rounded = _mm256_min_epi32(_mm256_max_epi32(rounded, IntZero()), _mm256_set1_epi32(levels));
  const __m256i words = _mm256_packus_epi32(rounded, rounded);
  const __m256i bytes = _mm256_packus_epi16(words, words);
  const __m128i low = _mm256_castsi256_si128(bytes);
  const __m128i high = _mm256_extracti128_si256(bytes, 1);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_unpacklo_epi32(low, high));
}

// Eight values, rounded, as int16; their magnitudes fit.
inline void StoreWords(int16_t* p, Vec v) {
  const __m256i rounded = _mm256_cvtps_epi32(v);
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(rounded, rounded), 0x08);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(words));
}
// The same for two vectors, interleaved: first[0], second[0], first[1], ...
inline void StoreWordPairs(int16_t* p, Vec first, Vec second) {
  const __m256i low = _mm256_and_si256(_mm256_cvtps_epi32(first), _mm256_set1_epi32(0xffff));
  const __m256i high = _mm256_slli_epi32(_mm256_cvtps_epi32(second), 16);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_or_si256(low, high));
}

// Two vectors in a row of gated results are 8 columns of up and 8 of gate.
inline void SplitGated(Vec first, Vec second, Vec& up, Vec& gate) {
  up = first;
  gate = second;
}

}  // namespace
