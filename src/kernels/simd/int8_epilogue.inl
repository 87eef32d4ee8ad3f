// From the exact int32 sums of a tile to its results: the formula of int8.h, the gate, the store.
// Over the vector vocabulary of vec_<isa>.inl and LoadAsFloat, SplitGated of int8_<isa>.inl; for
// every way to make the sums. Included inside the set's namespace.

namespace {

constexpr size_t kPanelVecs = kInt8Panel / kLanes;
constexpr size_t kGroupBytes = kInt8Panel * kInt8Group;

struct Int8Tile {
  const Int8Weights* weights;
  const Int8Rows* rows;
  const Int8Output* output;
  size_t row;    // first row
  size_t panel;  // first panel
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

}  // namespace
