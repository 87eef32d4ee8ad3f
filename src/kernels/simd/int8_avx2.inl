// int8 products of 256 bits without VNNI: vpmaddubsw adds two products in int16, which cannot
// overflow while activations have 7 bits (2 * 127 * 127 = 32258). Included inside the set's
// namespace.

namespace {

inline __m256i AddProducts(__m256i sum, __m256i a, __m256i b) {
  const __m256i pairs = _mm256_maddubs_epi16(a, b);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

inline __m256i AddWordProducts(__m256i sum, __m256i a, __m256i b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
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

}  // namespace
