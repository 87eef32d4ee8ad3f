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
inline void StoreInts(int32_t* p, IntVec v) { _mm512_store_si512(p, v); }
inline Vec LoadAsFloat(const int32_t* p) { return _mm512_cvtepi32_ps(_mm512_load_si512(p)); }

// Sixteen values of [0, 255], rounded to nearest (ties to even); what is no number gives any byte.
inline void StoreBytes(uint8_t* p, Vec v) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v)));
}

// Four vectors, rounded to signed bytes and interleaved: a[0], b[0], c[0], d[0], a[1], ...
inline void StoreByteGroups(int8_t* p, Vec a, Vec b, Vec c, Vec d) {
  const auto byte = [](Vec v) {
    return _mm512_and_si512(_mm512_cvtps_epi32(v), _mm512_set1_epi32(0xff));
  };
  const __m512i low = _mm512_or_si512(byte(a), _mm512_slli_epi32(byte(b), 8));
  const __m512i high =
      _mm512_or_si512(_mm512_slli_epi32(byte(c), 16), _mm512_slli_epi32(byte(d), 24));
  _mm512_storeu_si512(p, _mm512_or_si512(low, high));
}

// Two vectors in a row of gated results are two times 8 columns of up and 8 of gate.
inline void SplitGated(Vec first, Vec second, Vec& up, Vec& gate) {
  up = _mm512_shuffle_f32x4(first, second, 0x44);
  gate = _mm512_shuffle_f32x4(first, second, 0xee);
}

}  // namespace
