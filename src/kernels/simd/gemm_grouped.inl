// Products with grouped weights (grouped.h) over the vocabulary of vec_<isa>.inl, int8_<isa>.inl
// and grouped_<isa>.inl. Included inside the set's namespace.
//
// A tile is up to kGroupedTileRows rows x one panel of 16 columns over all groups. Within a group
// the products stay in int32; then each group's sum is scaled and added in f32, so that an element
// is the same whatever rows stand beside it. One row reads the weights once, at the speed of the
// memory; many rows share what is unpacked of a group.

namespace {

constexpr size_t kColumnVecs = kGroupedPanel / kLanes;
constexpr size_t kQuadBytes = kGroupedPanel * kGroupedQuad;
constexpr size_t kQuads = kGroupDepth / kGroupedQuad;

struct GroupedTile {
  const int8_t* a;       // [rows][groups * 32]
  const float* scale;    // [rows][groups]
  const float* offset;   // [rows][groups]
  const int32_t* sum;    // [rows][groups]
  const uint8_t* b;      // of the panel
  const uint16_t* scales;
  const float* bias;     // of the panel's columns, or null
  size_t groups;
};

// How a group's bytes become the products' operands; Quads() calls with (quad, columns).
struct EightBits {
  static constexpr size_t kBytes = kGroupBytes8;
  static constexpr bool kHasLeast = false;
  template <typename Use>
  static void Quads(const uint8_t* group, size_t vec, const Use& use) {
    Unroll<kQuads>([&](auto q) {
      const uint8_t* at = group + q.kValue * kQuadBytes + vec * (kLanes * kGroupedQuad);
      use(q, LoadInts(reinterpret_cast<const int8_t*>(at)));
    });
  }
  static IntVec Start(const int32_t* sum) { return StartOfBytes(*sum); }
  template <typename Group>
  static IntVec Add(IntVec sum, IntVec columns, Group row) {
    return AddByteProducts(sum, columns, row);
  }
  static IntVec Prepare(IntVec columns) { return PrepareBytes(columns); }
};

struct FourBits {
  static constexpr size_t kBytes = kGroupBytes4;
  static constexpr bool kHasLeast = true;
  template <typename Use>
  static void Quads(const uint8_t* group, size_t vec, const Use& use) {
    Unroll<kQuads / 2>([&](auto q) {
      const uint8_t* at = group + q.kValue * kQuadBytes + vec * (kLanes * kGroupedQuad);
      const IntVec both = LoadInts(reinterpret_cast<const int8_t*>(at));
      use(Constant<q.kValue>{}, LowHalves(both));
      use(Constant<q.kValue + kQuads / 2>{}, HighHalves(both));
    });
  }
  static IntVec Start(const int32_t*) { return IntZero(); }
  template <typename Group>
  static IntVec Add(IntVec sum, IntVec columns, Group row) {
    return AddSmallProducts(sum, columns, row);
  }
  static IntVec Prepare(IntVec columns) { return columns; }
};

// out[kRows][16], aligned. A function of its own: see MultiplyGroups in int_tile.inl.
template <typename Format, size_t kRows>
[[gnu::noinline]] void MultiplyGrouped(const GroupedTile& t, float* out) {
  constexpr size_t kScales = (Format::kHasLeast ? 2 : 1) * kGroupedPanel;
  const size_t groups = t.groups;
  const size_t lda = groups * kGroupDepth;
  Vec total[kRows][kColumnVecs];
  Unroll<kColumnVecs>([&](auto v) {
    const Vec bias = t.bias == nullptr ? Zero() : Load(t.bias + v.kValue * kLanes);
    Unroll<kRows>([&](auto r) { total[r.kValue][v.kValue] = bias; });
  });
  for (size_t g = 0; g < groups; ++g) {
    const int8_t* a = t.a + g * kGroupDepth;
    const uint8_t* b = t.b + g * Format::kBytes;
    const uint16_t* scales = t.scales + g * kScales;
    Unroll<kColumnVecs>([&](auto v) {
      IntVec sum[kRows];
      Unroll<kRows>(
          [&](auto r) { sum[r.kValue] = Format::Start(t.sum + r.kValue * groups + g); });
      Format::Quads(b, v.kValue, [&](auto q, IntVec stored) {
        const IntVec columns = Format::Prepare(stored);
        Unroll<kRows>([&](auto r) {
          const auto row = BroadcastQuad(a + r.kValue * lda + q.kValue * kGroupedQuad);
          sum[r.kValue] = Format::Add(sum[r.kValue], columns, row);
        });
      });
      const Vec scale = LoadHalf(scales + v.kValue * kLanes);
      Unroll<kRows>([&](auto r) {
        Vec& element = total[r.kValue][v.kValue];
        const size_t at = r.kValue * groups + g;
        element = Fma(Times(AsFloat(sum[r.kValue]), scale), Set1(t.scale[at]), element);
      });
      if constexpr (Format::kHasLeast) {
        const Vec least = LoadHalf(scales + kGroupedPanel + v.kValue * kLanes);
        Unroll<kRows>([&](auto r) {
          Vec& element = total[r.kValue][v.kValue];
          element = Fma(least, Set1(t.offset[r.kValue * groups + g]), element);
        });
      }
    });
  }
  Unroll<kRows>([&](auto r) {
    Unroll<kColumnVecs>([&](auto v) {
      Store(out + (r.kValue * kColumnVecs + v.kValue) * kLanes, total[r.kValue][v.kValue]);
    });
  });
}

// A tile of `rows` in [1, kRows] rows.
template <typename Format, size_t kRows>
inline void MultiplyGroupedRows(size_t rows, const GroupedTile& t, float* out) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return MultiplyGroupedRows<Format, kRows - 1>(rows, t, out);
  }
  MultiplyGrouped<Format, kRows>(t, out);
}

template <typename Format>
inline void MultiplyGroupedPanel(const GroupedRows& rows, size_t row_count,
                                 const GroupedWeights& w, const GroupedOutput& output,
                                 size_t panel) {
  constexpr size_t kScales = (Format::kHasLeast ? 2 : 1) * kGroupedPanel;
  const size_t column = panel * kGroupedPanel;
  const size_t columns = AtMost(output.n - column, kGroupedPanel);
  const size_t tiles = (row_count + kGroupedTileRows - 1) / kGroupedTileRows;
  for (size_t i = 0; i < tiles; ++i) {
    const size_t row = row_count * i / tiles;
    const size_t count = row_count * (i + 1) / tiles - row;
    alignas(64) float results[kGroupedTileRows * kGroupedPanel];
    const GroupedTile tile{.a = rows.values + row * w.groups * kGroupDepth,
                           .scale = rows.scale + row * w.groups,
                           .offset = rows.offset + row * w.groups,
                           .sum = rows.sum + row * w.groups,
                           .b = w.values + panel * w.groups * Format::kBytes,
                           .scales = w.scales + panel * w.groups * kScales,
                           .bias = w.bias == nullptr ? nullptr : w.bias + column,
                           .groups = w.groups};
    MultiplyGroupedRows<Format, kGroupedTileRows>(count, tile, results);
    for (size_t r = 0; r < count; ++r) {
      float* to = output.c + (row + r) * output.ldc + column;
      for (size_t c = 0; c < columns; ++c) to[c] = results[r * kGroupedPanel + c];
    }
  }
}

}  // namespace

void QuantizeGroups(const float* x, size_t k, size_t groups, int8_t* values, float* scale,
                    float* offset, int32_t* sum) {
  constexpr size_t kVecs = kGroupDepth / kLanes;
  for (size_t g = 0; g < groups; ++g) {
    const size_t first = g * kGroupDepth;
    const size_t count = first < k ? AtMost(k - first, kGroupDepth) : 0;
    float padded[kGroupDepth];
    const float* from = x + first;
    if (count < kGroupDepth) {
      for (size_t i = 0; i < kGroupDepth; ++i) padded[i] = i < count ? from[i] : 0;
      from = padded;
    }
    Vec largest = Zero();
    Vec poison = Zero();  // NaN as soon as one value is not finite
    Unroll<kVecs>([&](auto v) {
      const Vec value = Load(from + v.kValue * kLanes);
      largest = Larger(Magnitude(value), largest);
      poison = Fma(value, Zero(), poison);
    });
    const float most = Largest(largest);
    const Vec inverse = Set1(most > 0 ? 127 / most : 0);
    int32_t total = 0;
    Unroll<kVecs>([&](auto v) {
      const Vec steps = Times(Load(from + v.kValue * kLanes), inverse);
      StoreSignedBytes(values + first + v.kValue * kLanes, steps);
    });
    for (size_t i = 0; i < kGroupDepth; ++i) total += values[first + i];
    scale[g] = most / 127 + Sum(poison);
    offset[g] = scale[g] * static_cast<float>(total);
    sum[g] = total;
  }
}

void GemmGrouped(const GroupedRows& rows, size_t row_count, const GroupedWeights& weights,
                 const GroupedOutput& output) {
  for (size_t panel = output.first_panel; panel < output.last_panel; ++panel) {
    if (panel * kGroupedPanel >= output.n) break;
    if (weights.bits == 8) {
      MultiplyGroupedPanel<EightBits>(rows, row_count, weights, output, panel);
    } else {
      MultiplyGroupedPanel<FourBits>(rows, row_count, weights, output, panel);
    }
  }
}
