// What the scans need of 256 bits, over the vocabulary of int8_<isa>.inl. Included inside the set's
// namespace.

namespace {

inline constexpr size_t kScanLanes = 32;  // int8

inline IntVec LoadBytes(const int8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
// The instructions multiply unsigned by signed bytes: |row| times the query with the row's sign.
// Two products are at most 2 * 128 * 127 = 32512, so vpmaddubsw does not saturate either.
inline IntVec AddSignedProducts(IntVec sum, IntVec query, IntVec row) {
  return AddProducts(sum, _mm256_abs_epi8(row), _mm256_sign_epi8(query, row));
}
inline int32_t SumOfInts(IntVec v) {
  __m128i x = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  x = _mm_add_epi32(x, _mm_shuffle_epi32(x, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(x, _mm_shuffle_epi32(x, 0xb1)));
}

// A number for each of the eight rows of a group: bytes while bits are counted, else 64 bits.
struct GroupVec {
  __m256i low;
  __m256i high;
};

inline GroupVec GroupZero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }

// The ones among each byte's bits, by a table of the sixteen halves of a byte.
inline __m256i CountOnes(__m256i v) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i half = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(v, half));
  const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), half));
  return _mm256_add_epi8(low, high);
}
inline __m256i Differences(const uint64_t* words, __m256i query) {
  const __m256i rows = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
  return CountOnes(_mm256_xor_si256(rows, query));
}
// counts + the bits in which one word of eight rows differs from the query's, byte by byte.
inline GroupVec AddDifferences(GroupVec counts, const uint64_t* words, uint64_t query) {
  const __m256i all = _mm256_set1_epi64x(static_cast<long long>(query));
  return {_mm256_add_epi8(counts.low, Differences(words, all)),
          _mm256_add_epi8(counts.high, Differences(words + 4, all))};
}
inline GroupVec AddCounts(GroupVec sums, GroupVec counts) {
  const __m256i zero = _mm256_setzero_si256();
  return {_mm256_add_epi64(sums.low, _mm256_sad_epu8(counts.low, zero)),
          _mm256_add_epi64(sums.high, _mm256_sad_epu8(counts.high, zero))};
}
// Eight sums below 2^32.
inline void StoreSums(uint32_t* p, GroupVec sums) {
  // The low halves of the lanes: 0 1 4 5 | 2 3 6 7, then in order.
  const __m256i mixed = _mm256_castps_si256(
      _mm256_shuffle_ps(_mm256_castsi256_ps(sums.low), _mm256_castsi256_ps(sums.high), 0x88));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_permute4x64_epi64(mixed, 0xd8));
}

}  // namespace
