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
    const size_t at = column + v.kValue * kLanes;
    const Vec start = w.bias == nullptr ? Zero() : Load(w.bias + at);
    value[v.kValue] =
        Fma(LoadAsFloat(sums + v.kValue * kLanes), Times(row_scale, Load(w.scale + at)),
            Fma(row_offset, Load(w.sum + at), start));
  });
  const float* outliers = t.rows->outliers + row * w.outlier_count;
  const float* weights = w.outliers + column;
  for (size_t o = 0; o < w.outlier_count; ++o) {
    const Vec outlier = Set1(outliers[o]);
    Unroll<kVecs>([&](auto v) {
      value[v.kValue] = Fma(outlier, Load(weights + v.kValue * kLanes), value[v.kValue]);
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
    constexpr size_t kFirst = 2 * decltype(pair)::kValue;
    constexpr bool kPaired = kFirst + 1 < kVecs;
    Vec up;
    Vec gate;
    SplitGated(value[kFirst], value[kPaired ? kFirst + 1 : kFirst], up, gate);
    const size_t at = column + kFirst * kLanes / 2;
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
      Unroll<kVecs>([&](auto v) {
        StoreColumns(c, value[v.kValue], first + v.kValue * kLanes, t.output->n);
      });
    }
  }
}

}  // namespace
