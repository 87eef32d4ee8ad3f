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
inline void StoreInts(int32_t* p, IntVec v) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(p), v);
}
inline Vec LoadAsFloat(const int32_t* p) {
  return _mm256_cvtepi32_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)));
}

// Eight values of [0, 255], rounded to nearest (ties to even); what is no number gives any byte.
inline void StoreBytes(uint8_t* p, Vec v) {
  const __m256i rounded = _mm256_cvtps_epi32(v);
  const __m256i words = _mm256_packus_epi32(rounded, rounded);
  const __m256i bytes = _mm256_packus_epi16(words, words);
  const __m128i low = _mm256_castsi256_si128(bytes);
  const __m128i high = _mm256_extracti128_si256(bytes, 1);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_unpacklo_epi32(low, high));
}

// Four vectors, rounded to signed bytes and interleaved: a[0], b[0], c[0], d[0], a[1], ...
inline void StoreByteGroups(int8_t* p, Vec a, Vec b, Vec c, Vec d) {
  const auto byte = [](Vec v) {
    return _mm256_and_si256(_mm256_cvtps_epi32(v), _mm256_set1_epi32(0xff));
  };
  const __m256i low = _mm256_or_si256(byte(a), _mm256_slli_epi32(byte(b), 8));
  const __m256i high =
      _mm256_or_si256(_mm256_slli_epi32(byte(c), 16), _mm256_slli_epi32(byte(d), 24));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_or_si256(low, high));
}

// Two vectors in a row of gated results are 8 columns of up and 8 of gate.
inline void SplitGated(Vec first, Vec second, Vec& up, Vec& gate) {
  up = first;
  gate = second;
}

}  // namespace
