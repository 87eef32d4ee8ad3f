// Packed int8 GEMM over the vocabulary of int8_<isa>.inl, finished by int8_epilogue.inl. Included
// inside the set's namespace.
//
// C is computed in register tiles of kInt8TileRows rows x kInt8TilePanels panels of 16 columns,
// each over the whole depth, so that an element leaves its int32 accumulator once: scaled, shifted,
// biased, with its outliers added and, for gated weights, through the gate. Around a tile: the rows
// (the panels, 12-200 kB, stay in L2), then the panels.

namespace {

// sums[kRows][kVecs * kLanes], aligned: the exact products. A function of its own, and nothing else
// in it: gcc 12 spills the accumulators as soon as their later use is inlined here.
template <size_t kRows, size_t kVecs>
[[gnu::noinline]] void MultiplyGroups(const Int8Tile& t, int32_t* sums) {
  const size_t depth = t.weights->depth;
  const size_t panel_bytes = kInt8Panel * depth;
  const uint8_t* a = t.rows->values + t.row * depth;
  const int8_t* b = t.weights->panels + t.panel * panel_bytes;
  const int8_t* ahead = t.ahead;
  IntVec sum[kRows][kVecs];
  const auto of_columns = [panel_bytes](auto v) {  // from b
    return v.value / kPanelVecs * panel_bytes + v.value % kPanelVecs * (kLanes * kInt8Group);
  };
  Unroll<kVecs>([&](auto v) {
    const IntVec start = StartOfSums(b + of_columns(v), depth);
    Unroll<kRows>([&](auto r) { sum[r.value][v.value] = start; });
  });
  for (size_t k = 0; k < depth; k += kInt8Group) {
    IntVec columns[kVecs];
    Unroll<kVecs>([&](auto v) { columns[v.value] = LoadInts(b + of_columns(v)); });
    Unroll<kRows>([&](auto r) {
      const auto group = BroadcastGroup(a + r.value * depth);
      Unroll<kVecs>([&](auto v) {
        IntVec& element = sum[r.value][v.value];
        element = AddProducts(element, group, columns[v.value]);
      });
    });
    // Into the second cache level: the weights of a large model come from memory.
    __builtin_prefetch(ahead, 0, 2);
    a += kInt8Group;
    b += kGroupBytes;
    ahead += t.ahead_step;
  }
  Unroll<kRows>([&](auto r) {
    Unroll<kVecs>([&](auto v) {
      StoreInts(sums + (r.value * kVecs + v.value) * kLanes, sum[r.value][v.value]);
    });
  });
}

// A tile of `rows` in [1, kRows] rows.
template <size_t kRows, size_t kPanels>
inline void MultiplyInt8Rows(size_t rows, const Int8Tile& t, int32_t* sums) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return MultiplyInt8Rows<kRows - 1, kPanels>(rows, t, sums);
  }
  MultiplyGroups<kRows, kPanels * kPanelVecs>(t, sums);
}

// Even tiles: 16 rows are 6 + 5 + 5, not 6 + 6 + 4.
template <size_t kPanels, bool kGated>
void MultiplyInt8Panels(Int8Tile t, size_t row_count) {
  const size_t tiles = (row_count + kInt8TileRows - 1) / kInt8TileRows;
  // Each tile reads its share of the next panels ahead, at most a cache line for a group.
  const size_t bytes = kPanels * kInt8Panel * t.weights->depth;
  t.ahead = t.weights->panels + t.panel * kInt8Panel * t.weights->depth + bytes;
  t.ahead_step = AtMost(kPanels * kGroupBytes / (tiles == 0 ? 1 : tiles), kGroupBytes);
  for (size_t i = 0; i < tiles; ++i) {
    const size_t next = row_count * (i + 1) / tiles;
    alignas(64) int32_t sums[kInt8TileRows * kPanels * kInt8Panel];
    MultiplyInt8Rows<kInt8TileRows, kPanels>(next - t.row, t, sums);
    StoreTile<kPanels, kGated>(t, next - t.row, sums);
    t.row = next;
    t.ahead += t.ahead_step * (t.weights->depth / kInt8Group);
  }
}

template <size_t kPanels, bool kGated>
inline void MultiplyInt8Block(size_t panels, const Int8Tile& t, size_t row_count) {
  if constexpr (kPanels > 1) {
    if (panels < kPanels) return MultiplyInt8Block<kPanels - 1, kGated>(panels, t, row_count);
  }
  MultiplyInt8Panels<kPanels, kGated>(t, row_count);
}

template <bool kGated>
inline void MultiplyInt8(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
                         const Int8Output& output) {
  for (size_t panel = output.first_panel; panel < output.last_panel; panel += kInt8TilePanels) {
    const size_t panels = output.last_panel - panel;
    const Int8Tile tile{
        .weights = &weights, .rows = &rows, .output = &output, .row = 0, .panel = panel};
    MultiplyInt8Block<kInt8TilePanels, kGated>(panels < kInt8TilePanels ? panels : kInt8TilePanels,
                                               tile, row_count);
  }
}

}  // namespace

void GemmInt8(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
              const Int8Output& output) {
  MultiplyInt8<false>(rows, row_count, weights, output);
}

void GemmInt8Gated(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
                   const Int8Output& output) {
  MultiplyInt8<true>(rows, row_count, weights, output);
}
