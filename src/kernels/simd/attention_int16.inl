// Attention of one head in int16 (kernels/attention.h), over the vocabulary of int8_<isa>.inl and
// the tile of int_tile.inl, for sets whose products of bytes are exact for seven bits only.
// Included inside the set's namespace.

namespace {

struct WordProduct {
  static IntVec Start(const int8_t*, size_t) { return IntZero(); }
  static auto Broadcast(const uint8_t* a) { return BroadcastGroup(a); }
  template <typename Words>
  static IntVec Add(IntVec sum, Words a, IntVec b) {
    return AddWordProducts(sum, a, b);
  }
};

// Queries whose scores are held at once: 56 x 512 x 4 = 115 kB stay in the second cache level. A
// multiple of the tile's 7 rows.
constexpr size_t kQueryBlock = 56;

inline size_t Padded(size_t count) { return RoundUp(count, kInt8Panel); }

// T and D are tokens and head size, padded to a panel.
struct HeadMemory {
  int16_t* keys;           // [T / 16][D / 2][16][2]
  int16_t* values;         // [D / 16][T / 2][16][2]
  int16_t* queries;        // [kQueryBlock, D]
  int16_t* probabilities;  // [kQueryBlock, T]
  float* scores;           // [kQueryBlock, T]
  float* row_scale;        // [kQueryBlock]
};

inline HeadMemory LayOut(Arena& arena, size_t tokens, size_t head_size) {
  HeadMemory m{};
  arena.Place(m.keys, Padded(tokens) * Padded(head_size));
  arena.Place(m.values, Padded(tokens) * Padded(head_size));
  arena.Place(m.queries, kQueryBlock * Padded(head_size));
  arena.Place(m.probabilities, kQueryBlock * Padded(tokens));
  arena.Place(m.scores, kQueryBlock * Padded(tokens));
  arena.Place(m.row_scale, kQueryBlock);
  return m;
}

// A probability of 1. Rounded probabilities of a row sum to at most 32767 + tokens / 2, so that
// with values of up to 32767 the int32 sums hold for any length below 2^16.
constexpr float kOne = 32767;

// The largest magnitude that queries and keys may have, so that head_size products fit in int32.
inline float WordLimit(size_t head_size) {
  const float most = 2147483647.0F / static_cast<float>(head_size);
  const float root = SquareRoot(most);
  return root < kOne ? root - 1 : kOne;  // one less: the rounding of the root
}

// NaN if any element of the rows is not finite.
inline float LargestMagnitude(const float* rows, size_t count, size_t n, size_t stride) {
  Vec largest = Zero();
  Vec poison = Zero();
  for (size_t row = 0; row < count; ++row) {
    for (size_t i = 0; i < n; i += kLanes) {
      const Vec v = LoadUpTo(rows + row * stride + i, n - i);
      largest = Larger(largest, Magnitude(v));
      poison = Fma(v, Zero(), poison);
    }
  }
  return Largest(largest) + Sum(poison);
}

// words[Padded(n)] = round(row * factor), zeros beyond n.
inline void QuantizeWords(const float* row, size_t n, float factor, int16_t* words) {
  const Vec factors = Set1(factor);
  size_t i = 0;
  for (; i < n; i += kLanes) StoreWords(words + i, Times(LoadUpTo(row + i, n - i), factors));
  for (; i < Padded(n); i += kLanes) StoreWords(words + i, Zero());
}

inline float Inverse(float scale) { return scale > 0 ? 1 / scale : 0; }

void PackKeys(const AttentionHead& head, float factor, const HeadMemory& memory) {
  const size_t pairs = Padded(head.head_size) / 2;
  alignas(64) int16_t words[kAttentionMostSize];
  for (size_t key = 0; key < Padded(head.tokens); ++key) {
    const bool exists = key < head.tokens;
    QuantizeWords(head.keys + (exists ? key : 0) * head.stride, head.head_size, exists ? factor : 0,
                  words);
    int16_t* panel = memory.keys + key / kInt8Panel * pairs * 2 * kInt8Panel;
    for (size_t pair = 0; pair < pairs; ++pair) {
      __builtin_memcpy(panel + (pair * kInt8Panel + key % kInt8Panel) * 2, words + 2 * pair,
                       2 * sizeof(int16_t));
    }
  }
}

void PackValues(const AttentionHead& head, float factor, const HeadMemory& memory) {
  const size_t tokens = Padded(head.tokens);
  const Vec factors = Set1(factor);
  for (size_t i = 0; i < Padded(head.head_size); i += kLanes) {
    int16_t* column = memory.values + i / kInt8Panel * tokens * kInt8Panel + i % kInt8Panel * 2;
    const auto load = [&](size_t token) {
      if (token >= head.tokens || i >= head.head_size) return Zero();
      return Times(LoadUpTo(head.values + token * head.stride + i, head.head_size - i), factors);
    };
    for (size_t token = 0; token < tokens; token += 2) {
      StoreWordPairs(column + token * kInt8Panel, load(token), load(token + 1));
    }
  }
}

// output(row, column, values) for the vectors of rows x panels of a product.
template <typename Output>
inline void MultiplyWords(const int16_t* a, size_t rows, size_t depth, const int16_t* b,
                          size_t columns, const Output& output) {
  const size_t panel_words = kInt8Panel * depth;
  const size_t panels = columns / kInt8Panel;
  for (size_t panel = 0; panel < panels; ++panel) {
    const auto* bytes = reinterpret_cast<const int8_t*>(b + panel * panel_words);
    const TileOperands operands{.a = reinterpret_cast<const uint8_t*>(a),
                                .lda = depth * sizeof(int16_t),
                                .b = bytes,
                                .groups = depth / 2,
                                .ahead = bytes,
                                .ahead_step = 0};
    const auto finish = [&](size_t tile_panels) {
      return [&output, panel, tile_panels](size_t first, size_t tile_rows, const int32_t* sums) {
        const size_t width = tile_panels * kInt8Panel;
        for (size_t r = 0; r < tile_rows; ++r) {
          for (size_t i = 0; i < width; i += kLanes) {
            output(first + r, panel * kInt8Panel + i, LoadAsFloat(sums + r * width + i));
          }
        }
      };
    };
    if (panels - panel >= kInt8TilePanels) {
      MultiplyPanels<WordProduct, kInt8TilePanels>(operands, rows, finish(kInt8TilePanels));
      panel += kInt8TilePanels - 1;
    } else {
      MultiplyPanels<WordProduct, 1>(operands, rows, finish(1));
    }
  }
}

// The probabilities of one row of scores, in units of 1 / kOne, and their sum.
inline float Probabilities(float* scores, size_t tokens, int16_t* words) {
  const Vec largest = Set1(RowLargest(scores, tokens));
  Vec sum = Zero();
  for (size_t i = 0; i < tokens; i += kLanes) {
    const size_t left = tokens - i;
    Vec e = Exp(Minus(LoadUpTo(scores + i, left), largest));
    if (left < kLanes) e = KeepFirst(e, left, Zero());
    Store(scores + i, e);
    sum = Plus(sum, e);
  }
  const Vec factor = Set1(kOne / Sum(sum));
  Vec total = Zero();
  size_t i = 0;
  for (; i < tokens; i += kLanes) {
    const Vec p = Round(Times(Load(scores + i), factor));
    StoreWords(words + i, p);
    total = Plus(total, p);
  }
  for (; i < Padded(tokens); i += kLanes) StoreWords(words + i, Zero());
  return Sum(total);
}

// `scale` turns a product of a query's words (before its own scale) and a key's into a score.
void AttendRows(const AttentionHead& head, size_t first, size_t rows, float limit, float key_scale,
                float value_scale, const HeadMemory& memory) {
  const size_t tokens = Padded(head.tokens);
  const size_t size = Padded(head.head_size);
  const float root = SquareRoot(static_cast<float>(head.head_size));
  for (size_t r = 0; r < rows; ++r) {
    const float* query = head.queries + (first + r) * head.stride;
    const float scale = LargestMagnitude(query, 1, head.head_size, 0) / limit;
    QuantizeWords(query, head.head_size, Inverse(scale), memory.queries + r * size);
    memory.row_scale[r] = scale * key_scale / root;
  }
  MultiplyWords(
      memory.queries, rows, size, memory.keys, tokens, [&](size_t row, size_t column, Vec values) {
        Store(memory.scores + row * tokens + column, Times(values, Set1(memory.row_scale[row])));
      });
  for (size_t r = 0; r < rows; ++r) {
    const float sum =
        Probabilities(memory.scores + r * tokens, head.tokens, memory.probabilities + r * tokens);
    memory.row_scale[r] = value_scale / sum;
  }
  MultiplyWords(memory.probabilities, rows, tokens, memory.values, size,
                [&](size_t row, size_t column, Vec values) {
                  StoreColumns(head.context + (first + row) * head.context_stride,
                               Times(values, Set1(memory.row_scale[row])), column, head.head_size);
                });
}

}  // namespace

size_t AttentionBytes(size_t tokens, size_t head_size) {
  Arena arena{.memory = nullptr, .used = 0};
  LayOut(arena, tokens, head_size);
  return arena.used;
}

void Attend(const AttentionHead& head, void* bytes) {
  Arena arena{.memory = static_cast<char*>(bytes), .used = 0};
  const HeadMemory memory = LayOut(arena, head.tokens, head.head_size);
  const float limit = WordLimit(head.head_size);
  const float key_scale =
      LargestMagnitude(head.keys, head.tokens, head.head_size, head.stride) / limit;
  const float value_scale =
      LargestMagnitude(head.values, head.tokens, head.head_size, head.stride) / kOne;
  PackKeys(head, Inverse(key_scale), memory);
  PackValues(head, Inverse(value_scale), memory);
  for (size_t first = 0; first < head.tokens; first += kQueryBlock) {
    AttendRows(head, first, AtMost(head.tokens - first, kQueryBlock), limit, key_scale, value_scale,
               memory);
  }
}
