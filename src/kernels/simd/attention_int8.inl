// Attention of one head in int8 (kernels/attention.h), over the vocabulary of int8_<width>.inl, the
// tile of int_tile.inl and attention_int8_pack.inl. Included inside the set's namespace, by sets
// whose products take all eight bits.
//
// Around a tile, from outside: blocks of queries, then blocks of keys. A block of keys adds its
// share to a block of contexts, which is scaled down whenever a larger score turns up: nothing that
// grows with the square of the length leaves the first cache level.

namespace {

constexpr float kMostProbability = 255;
constexpr size_t kBlockWidth = kInt8TilePanels * kInt8Panel;  // columns of a tile
static_assert(kKeyBlock % kBlockWidth == 0);

// A block of queries on its way through the blocks of keys. Row by row, but for `sums`.
struct QueryBlock {
  alignas(64) float scale[kQueryBlock];             // of the queries, for scores in powers of two
  alignas(64) float offset[kQueryBlock];            // the same
  alignas(64) float largest[kQueryBlock];           // score so far
  alignas(64) float block_largest[kQueryBlock];     // of this block of keys
  alignas(64) float total[kQueryBlock * kLanes];    // probabilities so far, lane by lane
  alignas(64) float rounded[kQueryBlock * kLanes];  // the same, as they were multiplied
  alignas(64) float block_total[kQueryBlock * kLanes];
  alignas(64) float block_rounded[kQueryBlock * kLanes];
  alignas(64) uint8_t probabilities[kQueryBlock * kKeyBlock];
  alignas(64)
      int32_t sums[kQueryBlock * kKeyBlock];  // [columns / kBlockWidth][rows][kBlockWidth or less]
  size_t rows;
};

// 2^y for y <= 8; below 2^-40 it stops falling. Relative error below 8e-5, a fiftieth of a
// probability's step: a polynomial of degree 3 on [-0.5, 0.5], fitted for the least largest error.
inline Vec RoughExp2(Vec y) {
  y = Larger(Set1(-40), y);
  const Vec n = Round(y);
  const Vec f = Minus(y, n);
  Vec p = Set1(0x1.c3f758p-5F);
  p = Fma(p, f, Set1(0x1.f0de1ap-3F));
  p = Fma(p, f, Set1(0x1.62f31ap-1F));
  p = Fma(p, f, Set1(0x1.fff692p-1F));
  return ScaleByPowerOf2(p, n);
}

// sums[rows, 16 * kPanels] = a[rows, 4 * groups] * b.
template <size_t kPanels>
inline void MultiplyRows(TileOperands t, size_t rows, int32_t* sums) {
  const size_t tiles = (rows + kInt8TileRows - 1) / kInt8TileRows;
  const uint8_t* a = t.a;
  size_t row = 0;
  for (size_t i = 0; i < tiles; ++i) {
    const size_t next = rows * (i + 1) / tiles;
    t.a = a + row * t.lda;
    MultiplyTile<ByteProduct, kInt8TileRows, kPanels>(next - row, t,
                                                      sums + row * kPanels * kInt8Panel);
    row = next;
  }
}

template <size_t kPanels>
inline void MultiplyUpTo(size_t panels, const TileOperands& t, size_t rows, int32_t* sums) {
  if constexpr (kPanels > 1) {
    if (panels < kPanels) return MultiplyUpTo<kPanels - 1>(panels, t, rows, sums);
  }
  MultiplyRows<kPanels>(t, rows, sums);
}

inline TileOperands Operands(const uint8_t* a, size_t depth, size_t lda, const int8_t* b) {
  return {.a = a, .lda = lda, .b = b, .groups = depth / kInt8Group, .ahead = b, .ahead_step = 0};
}

void StartQueries(const AttentionHead& head, const HeadMemory& m, size_t first, QueryBlock& q) {
  // Scores become exponents of two: exp(s) = 2^(s * log2 e).
  const float unit = 1.44269504F / SquareRoot(static_cast<float>(head.head_size));
  for (size_t r = 0; r < q.rows; ++r) {
    QuantizeRow(head.queries + (first + r) * head.stride, m.query_factor, head.head_size, m.size,
                255, m.queries + r * m.size, q.scale + r, q.offset + r);
    q.scale[r] *= unit;
    q.offset[r] *= unit;
  }
  for (size_t r = 0; r < kQueryBlock; ++r) {
    q.largest[r] = -__builtin_inff();
    q.block_largest[r] = -__builtin_inff();
  }
  __builtin_memset(q.total, 0, q.rows * kLanes * sizeof(float));
  __builtin_memset(q.rounded, 0, q.rows * kLanes * sizeof(float));
  __builtin_memset(m.context, 0, q.rows * m.size * sizeof(float));
}

// The products of the queries with the `count` keys from `first` on; both are multiples of a panel.
inline void MultiplyKeys(const HeadMemory& m, size_t first, size_t count, QueryBlock& q) {
  for (size_t column = 0; column < count; column += kBlockWidth) {
    MultiplyUpTo<kInt8TilePanels>(
        AtMost(count - column, kBlockWidth) / kInt8Panel,
        Operands(m.queries, m.size, m.size, m.keys + (first + column) * m.size), q.rows,
        q.sums + column * q.rows);
  }
}

// The probabilities of one row and the `count` keys from `first` on, in units of the largest of
// them / kMostProbability.
template <bool kWhole>
inline void Softmax(const HeadMemory& m, size_t first, size_t count, size_t row, QueryBlock& q) {
  constexpr size_t kVecs = kKeyBlock / kLanes;
  constexpr float kLog2MostProbability = 7.99435344F;
  const size_t width = kWhole ? kBlockWidth : AtMost(RoundUp(count, kInt8Panel), kBlockWidth);
  const Vec scale = Set1(q.scale[row]);
  const Vec offset = Set1(q.offset[row]);
  const Vec lowest = Set1(-__builtin_inff());
  Vec score[kVecs];
  Vec largest = lowest;
  Unroll<kVecs>([&](auto v) {
    constexpr size_t kAt = decltype(v)::kValue * kLanes;
    if (!kWhole && count <= kAt) return;
    const int32_t* sums =
        q.sums + kAt / kBlockWidth * kBlockWidth * q.rows + row * width + kAt % kBlockWidth;
    Vec s = Times(offset, Load(m.key_sum + first + kAt));
    s = Fma(LoadAsFloat(sums), Times(scale, Load(m.key_scale + first + kAt)), s);
    if (!kWhole && count < kAt + kLanes) s = KeepFirst(s, count - kAt, lowest);
    score[v.kValue] = s;
    largest = Larger(largest, s);
  });
  q.block_largest[row] = Largest(largest);
  const Vec reference = Set1(q.block_largest[row] - kLog2MostProbability);
  Vec total = Zero();
  Vec rounded = Zero();
  Unroll<kVecs>([&](auto v) {
    constexpr size_t kAt = decltype(v)::kValue * kLanes;
    if (!kWhole && count <= kAt) return;
    const Vec p = RoughExp2(Minus(score[v.kValue], reference));
    const Vec steps = Round(p);
    total = Plus(total, p);
    rounded = Plus(rounded, steps);
    StoreBytes(q.probabilities + row * kKeyBlock + kAt, steps);
  });
  Store(q.block_total + row * kLanes, total);
  Store(q.block_rounded + row * kLanes, rounded);
}

// Scales what was so far and what comes now to the larger of the largest scores.
void Rescale(QueryBlock& q, float* of_before, float* of_block) {
  for (size_t r = 0; r < q.rows; r += kLanes) {
    const Vec before = LoadUpTo(q.largest + r, q.rows - r);
    const Vec block = LoadUpTo(q.block_largest + r, q.rows - r);
    const Vec largest = Larger(before, block);
    Store(of_before + r, RoughExp2(Minus(before, largest)));
    Store(of_block + r, RoughExp2(Minus(block, largest)));
    if (q.rows - r >= kLanes) {
      Store(q.largest + r, largest);
    } else {
      StoreFirst(q.largest + r, largest, q.rows - r);
    }
  }
  const auto add = [](float* sum, const float* more, Vec before, Vec block) {
    Store(sum, Fma(Load(sum), before, Times(Load(more), block)));
  };
  for (size_t r = 0; r < q.rows; ++r) {
    const size_t at = r * kLanes;
    add(q.total + at, q.block_total + at, Set1(of_before[r]), Set1(of_block[r]));
    add(q.rounded + at, q.block_rounded + at, Set1(of_before[r]), Set1(of_block[r]));
  }
}

void AddValues(const AttentionHead& head, const HeadMemory& m, size_t first, const float* of_before,
               const float* of_block, QueryBlock& q) {
  const size_t depth = BlockDepth(head, first);
  for (size_t column = 0; column < m.size; column += kBlockWidth) {
    const size_t width = AtMost(m.size - column, kBlockWidth);
    MultiplyUpTo<kInt8TilePanels>(
        width / kInt8Panel,
        Operands(q.probabilities, depth, kKeyBlock, m.values + first * m.size + column * depth),
        q.rows, q.sums);
    for (size_t r = 0; r < q.rows; ++r) {
      const Vec before = Set1(of_before[r]);
      const Vec block = Set1(of_block[r]);
      float* context = m.context + r * m.size + column;
      for (size_t i = 0; i < width; i += kLanes) {
        const Vec more = Times(LoadAsFloat(q.sums + r * width + i), block);
        Store(context + i, Fma(Load(context + i), before, more));
      }
    }
  }
}

// What rounding took from the probabilities goes to the values' mean.
void FinishQueries(const AttentionHead& head, const HeadMemory& m, size_t first, float poison,
                   QueryBlock& q) {
  for (size_t r = 0; r < q.rows; ++r) {
    const float total = Sum(Load(q.total + r * kLanes));
    const float rounded = Sum(Load(q.rounded + r * kLanes));
    const float bad = (q.scale[r] + q.offset[r]) * 0 + poison;
    const Vec factor = Set1(1 / total + bad);
    const Vec of_middle = Set1(rounded / total);
    const Vec of_mean = Set1((total - rounded) / total);
    for (size_t i = 0; i < m.size; i += kLanes) {
      Vec c = Times(Load(m.context + r * m.size + i), Times(Load(m.value_scale + i), factor));
      c = Fma(Load(m.value_middle + i), of_middle, c);
      c = Fma(Load(m.value_mean + i), of_mean, c);
      StoreColumns(head.context + (first + r) * head.context_stride, c, i, head.head_size);
    }
  }
}

void AttendQueries(const AttentionHead& head, const HeadMemory& m, size_t first, float poison) {
  QueryBlock q;
  q.rows = AtMost(head.tokens - first, kQueryBlock);
  StartQueries(head, m, first, q);
  constexpr size_t kPadded = (kQueryBlock + kLanes - 1) / kLanes * kLanes;
  alignas(64) float of_before[kPadded];
  alignas(64) float of_block[kPadded];
  for (size_t key = 0; key < head.tokens; key += kKeyBlock) {
    const size_t count = AtMost(head.tokens - key, kKeyBlock);
    MultiplyKeys(m, key, RoundUp(count, kInt8Panel), q);
    for (size_t r = 0; r < q.rows; ++r) {
      if (count == kKeyBlock) {
        Softmax<true>(m, key, count, r, q);
      } else {
        Softmax<false>(m, key, count, r, q);
      }
    }
    Rescale(q, of_before, of_block);
    AddValues(head, m, key, of_before, of_block, q);
  }
  FinishQueries(head, m, first, poison, q);
}

inline HeadMemory Padded(size_t tokens, size_t head_size) {
  HeadMemory m{};
  m.tokens = RoundUp(tokens, kInt8Panel);
  m.size = RoundUp(head_size, kInt8Panel);
  return m;
}

}  // namespace

size_t AttentionBytes(size_t tokens, size_t head_size) {
  Arena arena{.memory = nullptr, .used = 0};
  HeadMemory m = Padded(tokens, head_size);
  LayOut(arena, m);
  return arena.used;
}

void Attend(const AttentionHead& head, void* memory) {
  Arena arena{.memory = static_cast<char*>(memory), .used = 0};
  HeadMemory m = Padded(head.tokens, head.head_size);
  LayOut(arena, m);
  BalanceChannels(head, m);
  PackKeys(head, m);
  PackValues(head, m);
  float poison = 0;
  for (size_t key = 0; key < head.tokens; ++key) poison += m.key_scale[key] * 0;
  for (size_t first = 0; first < head.tokens; first += kQueryBlock) {
    AttendQueries(head, m, first, poison);
  }
}
