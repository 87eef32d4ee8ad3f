// int8 products of 512 bits without VNNI: vpmaddubsw adds two products in int16, which cannot
// overflow while activations have 7 bits (2 * 127 * 127 = 32258). Included inside the set's
// namespace.

namespace {

inline __m512i AddProducts(__m512i sum, __m512i a, __m512i b) {
  const __m512i pairs = _mm512_maddubs_epi16(a, b);
  return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}

inline __m512i AddWordProducts(__m512i sum, __m512i a, __m512i b) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
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

}  // namespace
