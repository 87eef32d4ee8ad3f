// What the scans need of 512 bits, over the vocabulary of int8_<isa>.inl. Included inside the set's
// namespace.

namespace {

inline constexpr size_t kScanLanes = 64;  // int8

inline IntVec LoadBytes(const int8_t* p) { return _mm512_loadu_si512(p); }
// The instructions multiply unsigned by signed bytes: |row| times the query with the row's sign.
// Two products are at most 2 * 128 * 127 = 32512, so vpmaddubsw does not saturate either.
inline IntVec AddSignedProducts(IntVec sum, IntVec query, IntVec row) {
  const __mmask64 negative = _mm512_movepi8_mask(row);
  const IntVec signed_query = _mm512_mask_sub_epi8(query, negative, IntZero(), query);
  return AddProducts(sum, _mm512_abs_epi8(row), signed_query);
}
inline int32_t SumOfInts(IntVec v) { return _mm512_reduce_add_epi32(v); }

// A number for each of the eight rows of a group: bytes while bits are counted, else 64 bits.
using GroupVec = __m512i;

inline GroupVec GroupZero() { return _mm512_setzero_si512(); }

// counts + the bits in which one word of eight rows differs from the query's, byte by byte, by a
// table of the sixteen halves of a byte. vpopcntq would halve the work, but not every CPU of these
// sets has it, and it would not show: a core of a Zen 4 counts 53 GB/s this way, 109 GB/s with it,
// and reads at most a third of the former from memory.
inline GroupVec AddDifferences(GroupVec counts, const uint64_t* words, uint64_t query) {
  const __m512i table =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const __m512i half = _mm512_set1_epi8(0x0f);
  const __m512i v =
      _mm512_xor_si512(_mm512_loadu_si512(words), _mm512_set1_epi64(static_cast<long long>(query)));
  const __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512(v, half));
  const __m512i high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(v, 4), half));
  return _mm512_add_epi8(counts, _mm512_add_epi8(low, high));
}
inline GroupVec AddCounts(GroupVec sums, GroupVec counts) {
  return _mm512_add_epi64(sums, _mm512_sad_epu8(counts, GroupZero()));
}
// Eight sums below 2^32.
inline void StoreSums(uint32_t* p, GroupVec sums) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi64_epi32(sums));
}

}  // namespace
