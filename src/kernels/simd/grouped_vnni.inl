// The grouped products with VNNI, which multiplies unsigned bytes with signed ones: weights of 8
// bits enter as p + 128, and a sum starts from -128 times the sum of the row's bytes. Over
// AddProducts of the set; included inside its namespace.

namespace {

inline IntVec StartOfBytes(int32_t row_sum) { return SetInts(-128 * row_sum); }
inline IntVec PrepareBytes(IntVec columns) { return FlipSigns(columns); }
inline IntVec AddByteProducts(IntVec sum, IntVec columns, IntVec row) {
  return AddProducts(sum, columns, row);
}
inline IntVec AddSmallProducts(IntVec sum, IntVec columns, IntVec row) {
  return AddProducts(sum, columns, row);
}

}  // namespace
