// Packed int8 GEMM over the vocabulary of int8_<isa>.inl. Included inside the set's namespace.
//
// C is computed in register tiles of kInt8TileRows rows x kInt8TilePanels panels of 16 columns,
// each over the whole depth, so that an element leaves its int32 accumulator once: scaled, shifted,
// biased, with its outliers added and, for gated weights, through the gate. Around a tile: the rows
// (the panels, 12-200 kB, stay in L2), then the panels.

namespace {

constexpr size_t kPanelVecs = kInt8Panel / kLanes;
constexpr size_t kGroupBytes = kInt8Panel * kInt8Group;

struct Int8Tile {
  const Int8Weights* weights;
  const Int8Rows* rows;
  const Int8Output* output;
  size_t row;    // first row
  size_t panel;  // first panel
  // Where to read ahead for the panels after these, and how far to move for each group of k.
  const int8_t* ahead;
  size_t ahead_step;
};

// body(0), body(1), ..., body(kEnd - 1) with the index as a constant: gcc 12 keeps an array of
// accumulators in registers only if no index into it is ever a variable.
template <size_t kValue>
struct Constant {
  static constexpr size_t value = kValue;
};
template <size_t kEnd, size_t kAt = 0, typename Body>
[[gnu::always_inline]] inline void Unroll(const Body& body) {
  if constexpr (kAt < kEnd) {
    body(Constant<kAt>{});
    Unroll<kEnd, kAt + 1>(body);
  }
}

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
  Unroll<kRows>([&](auto r) { Unroll<kVecs>([&](auto v) { sum[r.value][v.value] = IntZero(); }); });
  for (size_t k = 0; k < depth; k += kInt8Group) {
    IntVec columns[kVecs];
    Unroll<kVecs>([&](auto v) {
      columns[v.value] = LoadInts(b + v.value / kPanelVecs * panel_bytes +
                                  v.value % kPanelVecs * (kLanes * kInt8Group));
    });
    Unroll<kRows>([&](auto r) {
      const IntVec group = BroadcastGroup(a + r.value * depth);
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
void StoreTile(const Int8Tile& t, size_t rows, const int32_t* sums) {
  constexpr size_t kVecs = kPanels * kPanelVecs;
  const size_t first = t.panel * kInt8Panel;
  for (size_t r = 0; r < rows; ++r) {
    const size_t row = t.row + r;
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
