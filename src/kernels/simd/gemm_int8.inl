// Packed int8 GEMM over the vocabulary of int8_<isa>.inl. Included inside the set's namespace.
//
// C is computed in register tiles of kInt8TileRows rows x kInt8TilePanels panels of 16 columns,
// each over the whole depth, so that an element leaves its int32 accumulator once: scaled, shifted,
// biased, with its outliers added and, for gated weights, through the gate. Around a tile: the rows
// (the panels, 12-200 kB, stay in L2), then the panels.

namespace {

struct Int8Tile {
  const Int8Weights* weights;
  const Int8Rows* rows;
  const Int8Output* output;
  size_t panel;  // first panel
};

struct ByteProduct {
  static IntVec Add(IntVec sum, IntVec a, IntVec b) { return AddProducts(sum, a, b); }
};

// The results of one row of a tile: the formula of int8.h, in this order for every element.
template <size_t kVecs>
inline void Dequantize(const Int8Tile& t, size_t row, const int32_t* sums, Vec (&value)[kVecs]) {
  const Int8Weights& w = *t.weights;
  const size_t column = t.panel * kInt8Panel;
  const Vec row_scale = Set1(t.rows->scale[row]);
  const Vec row_offset = Set1(t.rows->offset[row]);
  Unroll<kVecs>([&](auto v) {
    const size_t at = column + v.value * kLanes;
    const Vec start = w.bias == nullptr ? Zero() : Load(w.bias + at);
    value[v.value] = Fma(LoadAsFloat(sums + v.value * kLanes), Times(row_scale, Load(w.scale + at)),
                         Fma(row_offset, Load(w.sum + at), start));
  });
  const float* outliers = t.rows->outliers + row * w.outlier_count;
  const float* weights = w.outliers + column;
  for (size_t o = 0; o < w.outlier_count; ++o) {
    const Vec outlier = Set1(outliers[o]);
    Unroll<kVecs>([&](auto v) {
      value[v.value] = Fma(outlier, Load(weights + v.value * kLanes), value[v.value]);
    });
    weights += w.columns;
  }
}

inline void StoreColumns(float* c, Vec v, size_t column, size_t n) {
  if (column + kLanes <= n) {
    Store(c + column, v);
  } else if (column < n) {
    StoreFirst(c + column, v, n - column);
  }
}

// Halves the columns: groups of kInt8GatedGroup of up and of gate become up * silu(gate).
template <size_t kVecs>
inline void StoreGated(float* c, const Vec (&value)[kVecs], size_t column, size_t n) {
  Unroll<(kVecs + 1) / 2>([&](auto pair) {
    constexpr size_t v = 2 * pair.value;
    constexpr bool kPaired = v + 1 < kVecs;
    Vec up;
    Vec gate;
    SplitGated(value[v], value[kPaired ? v + 1 : v], up, gate);
    const size_t at = column + v * kLanes / 2;
    const size_t end = kPaired ? n : AtMost(n, at + kInt8GatedGroup);
    StoreColumns(c, Times(up, SiluOf(gate)), at, end);
  });
}

template <size_t kPanels, bool kGated>
void StoreTile(const Int8Tile& t, size_t first_row, size_t rows, const int32_t* sums) {
  constexpr size_t kVecs = kPanels * kPanelVecs;
  const size_t first = t.panel * kInt8Panel;
  for (size_t r = 0; r < rows; ++r) {
    const size_t row = first_row + r;
    float* c = t.output->c + row * t.output->ldc;
    Vec value[kVecs];
    Dequantize<kVecs>(t, row, sums + r * kVecs * kLanes, value);
    if constexpr (kGated) {
      StoreGated<kVecs>(c, value, first / 2, t.output->n);
    } else {
      Unroll<kVecs>(
          [&](auto v) { StoreColumns(c, value[v.value], first + v.value * kLanes, t.output->n); });
    }
  }
}

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
                                         StoreTile<kPanels, kGated>(t, row, rows, sums);
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
    const Int8Tile tile{.weights = &weights, .rows = &rows, .output = &output, .panel = panel};
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
