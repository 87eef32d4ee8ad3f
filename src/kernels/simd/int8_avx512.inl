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

}  // namespace
