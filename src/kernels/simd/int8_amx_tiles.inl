// The tile vocabulary that gemm_amx.inl is written in, by the instructions. Included inside the
// set's namespace, after tile_config.inl.
//
// Assembly instead of intrinsics: gcc's are macros that want the tile's number as a digit in the
// source, and its LDTILECFG tells the compiler about 8 of the 64 bytes it reads. "memory" keeps
// loads and stores of tiles in order with those of the C++ code; the tile registers themselves are
// used nowhere else.

namespace {

inline void LoadTileConfig(const TileConfig& config) {
  __asm__ volatile("ldtilecfg %0" : : "m"(config) : "memory");
}
inline void ReleaseTiles() { __asm__ volatile("tilerelease" : : : "memory"); }

template <int kTile>
inline void ZeroTile() {
  __asm__ volatile("tilezero %%tmm%c0" : : "i"(kTile));
}
// The configured rows of the tile, from memory rows `stride` bytes apart.
template <int kTile>
inline void LoadTile(const void* from, size_t stride) {
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2"
                   :
                   : "r"(from), "r"(stride), "i"(kTile)
                   : "memory");
}
template <int kTile>
inline void StoreTileTo(void* to, size_t stride) {
  __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)"
                   :
                   : "r"(to), "r"(stride), "i"(kTile)
                   : "memory");
}
// sums[m][n] += sum over groups k and bytes b of rows[m][k][b] (unsigned) * weights[k][n][b]
// (signed), in int32 without saturation.
template <int kSums, int kRows, int kWeights>
inline void AddTileProducts() {
  __asm__ volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0"
                   :
                   : "i"(kSums), "i"(kRows), "i"(kWeights));
}

}  // namespace
