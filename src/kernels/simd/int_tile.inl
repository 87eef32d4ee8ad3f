// The register tile of the integer products, int8 and int16 alike: groups of four bytes of a row of
// A times panels of 16 columns of B, over the vocabulary of int8_<width>.inl. Included inside the
// set's namespace.

namespace {

// Bytes of A, unsigned, times signed ones of B.
struct ByteProduct {
  static IntVec Start(const int8_t* b, size_t groups) {
    return StartOfSums(b, groups * kInt8Group);
  }
  static auto Broadcast(const uint8_t* a) { return BroadcastGroup(a); }
  template <typename Group>
  static IntVec Add(IntVec sum, Group a, IntVec b) {
    return AddProducts(sum, a, b);
  }
};

struct TileOperands {
  const uint8_t* a;  // [rows, groups][4 bytes] with row stride lda
  size_t lda;        // bytes
  const int8_t* b;   // [panels][groups][16][4 bytes]
  size_t groups;
  // Where to read ahead for the panels after these, and how far to move for each group.
  const int8_t* ahead;
  size_t ahead_step;
};

// sums[kRows][kVecs * kLanes], aligned: the exact products. A function of its own, and nothing else
// in it: gcc 12 spills the accumulators as soon as their later use is inlined here.
template <typename Product, size_t kRows, size_t kVecs>
[[gnu::noinline]] void MultiplyGroups(const TileOperands& t, int32_t* sums) {
  const size_t panel_bytes = t.groups * kGroupBytes;
  const size_t lda = t.lda;
  const uint8_t* a = t.a;
  const int8_t* b = t.b;
  const int8_t* ahead = t.ahead;
  const auto of_columns = [panel_bytes](auto v) {  // from b
    return v.kValue / kPanelVecs * panel_bytes + v.kValue % kPanelVecs * (kLanes * kInt8Group);
  };
  IntVec sum[kRows][kVecs];
  Unroll<kVecs>([&](auto v) {
    const IntVec start = Product::Start(b + of_columns(v), t.groups);
    Unroll<kRows>([&](auto r) { sum[r.kValue][v.kValue] = start; });
  });
  for (size_t group = 0; group < t.groups; ++group) {
    IntVec columns[kVecs];
    Unroll<kVecs>([&](auto v) { columns[v.kValue] = LoadInts(b + of_columns(v)); });
    Unroll<kRows>([&](auto r) {
      const auto row = Product::Broadcast(a + r.kValue * lda);
      Unroll<kVecs>([&](auto v) {
        IntVec& element = sum[r.kValue][v.kValue];
        element = Product::Add(element, row, columns[v.kValue]);
      });
    });
    // The weights of a large model come from memory. Into the first cache level: 3-4 % faster than
    // into the second, at 32 to 108 rows.
    __builtin_prefetch(ahead, 0, 3);
    a += kInt8Group;
    b += kGroupBytes;
    ahead += t.ahead_step;
  }
  Unroll<kRows>([&](auto r) {
    Unroll<kVecs>([&](auto v) {
      StoreInts(sums + (r.kValue * kVecs + v.kValue) * kLanes, sum[r.kValue][v.kValue]);
    });
  });
}

// A tile of `rows` in [1, kRows] rows.
template <typename Product, size_t kRows, size_t kPanels>
inline void MultiplyTile(size_t rows, const TileOperands& t, int32_t* sums) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return MultiplyTile<Product, kRows - 1, kPanels>(rows, t, sums);
  }
  MultiplyGroups<Product, kRows, kPanels * kPanelVecs>(t, sums);
}

// finish(first row, rows, sums[rows][kPanels * 16]) for even tiles of all rows: 16 rows are 6 + 5 +
// 5, not 7 + 7 + 2.
template <typename Product, size_t kPanels, typename Finish>
inline void MultiplyPanels(TileOperands t, size_t row_count, const Finish& finish) {
  const size_t tiles = (row_count + kInt8TileRows - 1) / kInt8TileRows;
  const uint8_t* a = t.a;
  size_t row = 0;
  for (size_t i = 0; i < tiles; ++i) {
    const size_t next = row_count * (i + 1) / tiles;
    alignas(64) int32_t sums[kInt8TileRows * kPanels * kInt8Panel];
    t.a = a + row * t.lda;
    MultiplyTile<Product, kInt8TileRows, kPanels>(next - row, t, sums);
    finish(row, next - row, sums);
    row = next;
    t.ahead += t.ahead_step * t.groups;
  }
}

}  // namespace
