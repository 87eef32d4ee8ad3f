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

}  // namespace
