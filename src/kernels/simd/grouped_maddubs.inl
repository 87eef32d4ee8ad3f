// The grouped products without VNNI. vpmaddubsw adds two products of an unsigned and a signed byte
// in int16: of 4-bit weights (2 * 15 * 127 = 3,810) as they are, of 8-bit ones as |p| times q with
// the sign of p (2 * 128 * 127 = 32,512). Over AddProducts of the set; included inside its
// namespace.

namespace {

inline IntVec StartOfBytes(int32_t) { return IntZero(); }
inline IntVec PrepareBytes(IntVec columns) { return columns; }
inline IntVec AddByteProducts(IntVec sum, IntVec columns, IntVec row) {
  return AddProducts(sum, Magnitudes(columns), WithSignsOf(columns, row));
}
inline IntVec AddSmallProducts(IntVec sum, IntVec columns, IntVec row) {
  return AddProducts(sum, columns, row);
}

}  // namespace
