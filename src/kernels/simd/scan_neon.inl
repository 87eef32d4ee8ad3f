// What the scans need of NEON with the dot product extension. Included inside the set's namespace.

namespace {

inline constexpr size_t kScanLanes = 32;  // int8

struct ByteVec {
  int8x16_t low;
  int8x16_t high;
};
inline ByteVec LoadBytes(const int8_t* p) { return {vld1q_s8(p), vld1q_s8(p + 16)}; }
inline IntVec AddSignedProducts(IntVec sum, ByteVec query, ByteVec row) {
  return {vdotq_s32(sum.low, query.low, row.low), vdotq_s32(sum.high, query.high, row.high)};
}
inline int32_t SumOfInts(IntVec v) { return vaddvq_s32(vaddq_s32(v.low, v.high)); }

// A number for each of the eight rows of a group: bytes while bits are counted, else 64 bits.
struct GroupVec {
  uint8x16_t pair[4];
};

inline GroupVec GroupZero() {
  return {{vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0)}};
}

// counts + the bits in which one word of eight rows differs from the query's, byte by byte.
inline GroupVec AddDifferences(GroupVec counts, const uint64_t* words, uint64_t query) {
  const uint64x2_t all = vdupq_n_u64(query);
  Unroll<4>([&](auto i) {
    const uint64x2_t differences = veorq_u64(vld1q_u64(words + 2 * i.kValue), all);
    uint8x16_t& sum = counts.pair[i.kValue];
    sum = vaddq_u8(sum, vcntq_u8(vreinterpretq_u8_u64(differences)));
  });
  return counts;
}
inline GroupVec AddCounts(GroupVec sums, GroupVec counts) {
  Unroll<4>([&](auto i) {
    const uint32x4_t quarters = vpaddlq_u16(vpaddlq_u8(counts.pair[i.kValue]));
    const uint64x2_t sum = vreinterpretq_u64_u8(sums.pair[i.kValue]);
    sums.pair[i.kValue] = vreinterpretq_u8_u64(vpadalq_u32(sum, quarters));
  });
  return sums;
}
// Eight sums below 2^32.
inline void StoreSums(uint32_t* p, GroupVec sums) {
  Unroll<4>([&](auto i) {
    vst1_u32(p + 2 * i.kValue, vmovn_u64(vreinterpretq_u64_u8(sums.pair[i.kValue])));
  });
}

}  // namespace
