// Packed int8 GEMM over the vocabulary of int8_<isa>.inl, finished by int8_epilogue.inl. Included
// inside the set's namespace.
//
// C is computed in register tiles of kInt8TileRows rows x kInt8TilePanels panels of 16 columns,
// each over the whole depth, so that an element leaves its int32 accumulator once: scaled, shifted,
// biased, with its outliers added and, for gated weights, through the gate. Around a tile: the rows
// (the panels, 12-200 kB, stay in L2), then the panels.

namespace {

template <size_t kPanels, bool kGated>
void MultiplyInt8Panels(const Int8Tile& t, size_t row_count) {
  const size_t depth = t.weights->depth;
  const int8_t* b = t.weights->panels + t.panel * kInt8Panel * depth;
  const size_t tiles = (row_count + kInt8TileRows - 1) / kInt8TileRows;
  // Each tile reads its share of the next panels ahead, at most a cache line for a group.
  const size_t step = tiles == 0 ? 0 : AtMost(kPanels * kGroupBytes / tiles, kGroupBytes);
  const TileOperands operands{.a = t.rows->values,
                              .lda = depth,
                              .b = b,
                              .groups = depth / kInt8Group,
                              .ahead = b + kPanels * kInt8Panel * depth,
                              .ahead_step = step};
  MultiplyPanels<ByteProduct, kPanels>(operands, row_count,
                                       [&](size_t row, size_t rows, const int32_t* sums) {
                                         Int8Tile at = t;
                                         at.row = row;
                                         StoreTile<kPanels, kGated>(at, rows, sums);
                                       });
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
