// The scans over many rows (scan.h), over the vocabulary of scan_<width>.inl. Both read each byte
// once and are bound by memory. Included inside the set's namespace.

// Row after row: four rows at a time would load the query less often, but were half as fast from
// memory, as if the four streams disturbed the CPU's reading ahead.
void DotInt8Rows(const int8_t* query, const int8_t* rows, size_t row_count, size_t depth,
                 int32_t* dots) {
  for (size_t row = 0; row < row_count; ++row) {
    IntVec even = IntZero();
    IntVec odd = IntZero();
    for (size_t k = 0; k < depth; k += kScanDepthStep) {
      even = AddSignedProducts(even, LoadBytes(query + k), LoadBytes(rows + k));
      if constexpr (kScanLanes < kScanDepthStep) {
        odd = AddSignedProducts(odd, LoadBytes(query + k + kScanLanes),
                                LoadBytes(rows + k + kScanLanes));
      }
    }
    dots[row] = SumOfInts(even) + SumOfInts(odd);
    rows += depth;
  }
}

void HammingRows(const uint64_t* query, const uint64_t* groups, size_t group_count, size_t words,
                 uint32_t* distances) {
  constexpr size_t kWordsOfBytes = 31;  // 31 words count at most 31 * 8 = 248 a byte
  for (size_t group = 0; group < group_count; ++group) {
    GroupVec sums = GroupZero();
    for (size_t first = 0; first < words; first += kWordsOfBytes) {
      const size_t count = AtMost(words - first, kWordsOfBytes);
      GroupVec counts = GroupZero();
      for (size_t word = first; word < first + count; ++word) {
        counts = AddDifferences(counts, groups + word * kSignGroup, query[word]);
      }
      sums = AddCounts(sums, counts);
    }
    StoreSums(distances + group * kSignGroup, sums);
    groups += words * kSignGroup;
  }
}
