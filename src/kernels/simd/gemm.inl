// Packed f32 GEMM over the vector vocabulary of vec_<isa>.inl. Included inside the set's namespace.
//
// C is computed in register tiles of kTileRows x kPanel. The loops around a tile, from outside:
//   kBlockRows rows of A, kBlockDepth of k: copied to a stack block, whose fixed row stride gives
//       the tile constant offsets and keeps rows that lie a multiple of 4 KiB apart (K = 1024,
//       3072) out of one cache set;
//   panels of B: kBlockDepth x kPanel x 4 = 16-32 KiB, stays in L1 for all tiles of the block;
//   tiles of the block.
// An element starts from its bias and takes its products in the order of k, in one chain of fused
// multiply-adds: the same bits whatever the other rows and columns are.

namespace {

constexpr size_t kPanel = 2 * kLanes;
constexpr size_t kBlockDepth = 256;
// A multiple of both sets' kTileRows; the block takes 72 * 272 * 4 = 77 KiB of L2 and stack.
constexpr size_t kBlockRows = 72;
static_assert(kBlockRows % kTileRows == 0);
// 16 floats more than the depth: consecutive rows start one cache line (set) further.
constexpr size_t kBlockStride = kBlockDepth + 16;

struct Tile {
  const float* a;     // [rows, depth] with stride kBlockStride
  const float* b;     // [depth, kPanel]
  const float* bias;  // [columns], or null
  float* c;           // [rows, columns] with stride ldc
  size_t ldc;
  size_t columns;  // <= kPanel
  size_t depth;
  bool first;  // start from the bias, else from what C holds
};

inline void LoadPair(const float* p, size_t count, Vec& low, Vec& high) {
  if (count >= kPanel) {
    low = Load(p);
    high = Load(p + kLanes);
  } else if (count >= kLanes) {
    low = Load(p);
    high = LoadFirst(p + kLanes, count - kLanes);
  } else {
    low = LoadFirst(p, count);
    high = Zero();
  }
}

inline void StorePair(float* p, size_t count, Vec low, Vec high) {
  if (count >= kPanel) {
    Store(p, low);
    Store(p + kLanes, high);
  } else if (count >= kLanes) {
    Store(p, low);
    StoreFirst(p + kLanes, high, count - kLanes);
  } else {
    StoreFirst(p, low, count);
  }
}

template <size_t kRows>
inline void StartAccumulators(const Tile& t, Vec (&low)[kRows], Vec (&high)[kRows]) {
  Vec bias_low = Zero();
  Vec bias_high = Zero();
  if (t.first && t.bias != nullptr) LoadPair(t.bias, t.columns, bias_low, bias_high);
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) {
    low[r] = bias_low;
    high[r] = bias_high;
    if (!t.first) LoadPair(t.c + r * t.ldc, t.columns, low[r], high[r]);
  }
}

template <size_t kRows>
void MultiplyTile(const Tile& t) {
  Vec low[kRows];
  Vec high[kRows];
  StartAccumulators<kRows>(t, low, high);
  const float* a = t.a;
  const float* b = t.b;
  for (size_t k = 0; k < t.depth; ++k) {
    const Vec b_low = Load(b);
    const Vec b_high = Load(b + kLanes);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const Vec a_k = Set1(a[r * kBlockStride]);
      low[r] = Fma(a_k, b_low, low[r]);
      high[r] = Fma(a_k, b_high, high[r]);
    }
    ++a;
    b += kPanel;
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) StorePair(t.c + r * t.ldc, t.columns, low[r], high[r]);
}

// A tile of `rows` in [1, kRows] rows.
template <size_t kRows>
inline void MultiplyRows(size_t rows, const Tile& t) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return MultiplyRows<kRows - 1>(rows, t);
  }
  MultiplyTile<kRows>(t);
}

void CopyBlock(const float* a, size_t lda, size_t rows, size_t depth, float* block) {
  for (size_t r = 0; r < rows; ++r) {
    const float* from = a + r * lda;
    float* to = block + r * kBlockStride;
    size_t i = 0;
    for (; i + kLanes <= depth; i += kLanes) Store(to + i, Load(from + i));
    if (i < depth) StoreFirst(to + i, LoadFirst(from + i, depth - i), depth - i);
  }
}

}  // namespace

void PackRows(const float* b, size_t ldb, size_t n, size_t k, float* packed) {
  for (size_t first = 0; first < n; first += kPanel) {
    const size_t columns = AtMost(n - first, kPanel);
    for (size_t i = 0; i < k; ++i) {
      for (size_t j = 0; j < columns; ++j) packed[j] = b[(first + j) * ldb + i];
      for (size_t j = columns; j < kPanel; ++j) packed[j] = 0;
      packed += kPanel;
    }
  }
}

void PackColumns(const float* b, size_t ldb, size_t n, size_t k, float* packed) {
  for (size_t first = 0; first < n; first += kPanel) {
    const size_t columns = AtMost(n - first, kPanel);
    for (size_t i = 0; i < k; ++i) {
      Vec low;
      Vec high;
      LoadPair(b + i * ldb + first, columns, low, high);
      StorePair(packed, kPanel, low, high);
      packed += kPanel;
    }
  }
}

void Gemm(const float* a, size_t lda, const float* packed, const float* bias, float* c, size_t ldc,
          size_t m, size_t n, size_t k) {
  alignas(64) float block[kBlockRows * kBlockStride];
  for (size_t row = 0; row < m; row += kBlockRows) {
    const size_t rows = AtMost(m - row, kBlockRows);
    size_t start = 0;
    do {  // once for k == 0 too: C = bias
      const size_t depth = AtMost(k - start, kBlockDepth);
      CopyBlock(a + row * lda + start, lda, rows, depth, block);
      for (size_t column = 0; column < n; column += kPanel) {
        for (size_t tile = 0; tile < rows; tile += kTileRows) {
          MultiplyRows<kTileRows>(AtMost(rows - tile, kTileRows),
                                  {.a = block + tile * kBlockStride,
                                   .b = packed + column * k + start * kPanel,
                                   .bias = bias == nullptr ? nullptr : bias + column,
                                   .c = c + (row + tile) * ldc + column,
                                   .ldc = ldc,
                                   .columns = AtMost(n - column, kPanel),
                                   .depth = depth,
                                   .first = start == 0});
        }
      }
      start += kBlockDepth;
    } while (start < k);
  }
}
