// What int8 attention (attention_int8.inl) makes of a head's keys and values before it meets the
// queries. Over the vocabulary of int8_<width>.inl and attention_shared.inl. Included inside the
// set's namespace.

namespace {

// Keys whose probabilities share a scale.
constexpr size_t kKeyBlock = 64;
// Queries of a block: 4 tiles of 7 rows. Their scores, probabilities and contexts (at head size 64)
// and a block of keys and values take 7 + 2 + 7 + 8 kB of the first cache level's 32.
constexpr size_t kQueryBlock = 28;
constexpr float kMostByte = 127;  // of keys and values, in magnitude
// Turns round(v) + 128 as an unsigned byte into round(v) as a signed one, four at a time.
constexpr uint32_t kSignBits = 0x80808080U;

// T and D are tokens and head size, padded to a panel; padding holds zeros.
struct HeadMemory {
  size_t tokens;  // T
  size_t size;    // D

  int8_t* keys;         // [T / 16][D / 4][16][4]
  float* key_scale;     // [T]
  float* key_sum;       // [T]: scale * sum of the bytes
  float* key_mean;      // [D]
  float* key_factor;    // [D]: what a key's channel is multiplied with, less its mean
  float* query_factor;  // [D]: its inverse

  int8_t* values;       // [tokens / kKeyBlock][D / 16][keys of the block / 4][16][4]
  float* value_scale;   // [D]
  float* value_middle;  // [D]: what a byte of 0 stands for
  float* value_mean;    // [D]

  uint8_t* queries;  // [kQueryBlock, D]
  float* context;    // [kQueryBlock, D]
};

// Lays out `m` in `arena`.
inline void LayOut(Arena& arena, HeadMemory& m) {
  arena.Place(m.keys, m.tokens * m.size);
  arena.Place(m.values, m.tokens * m.size);
  arena.Place(m.key_scale, m.tokens);
  arena.Place(m.key_sum, m.tokens);
  arena.Place(m.key_mean, m.size);
  arena.Place(m.key_factor, m.size);
  arena.Place(m.query_factor, m.size);
  arena.Place(m.value_scale, m.size);
  arena.Place(m.value_middle, m.size);
  arena.Place(m.value_mean, m.size);
  arena.Place(m.queries, kQueryBlock * m.size);
  arena.Place(m.context, kQueryBlock * m.size);
}

inline size_t ChannelsFrom(const AttentionHead& head, size_t i) {
  return i < head.head_size ? head.head_size - i : 0;
}

struct ColumnRange {
  Vec mean;  // not a number where a value is not finite
  Vec low;
  Vec high;
};

// Of the columns [i, i + kLanes) of x[head.tokens, head.head_size].
inline ColumnRange RangeOf(const AttentionHead& head, const float* x, size_t i) {
  const size_t left = ChannelsFrom(head, i);
  ColumnRange range{.mean = Zero(), .low = Set1(__builtin_inff()), .high = Set1(-__builtin_inff())};
  for (size_t token = 0; token < head.tokens; ++token) {
    const Vec v = LoadUpTo(x + token * head.stride + i, left);
    range.mean = Plus(range.mean, v);
    range.low = Smaller(range.low, v);
    range.high = Larger(range.high, v);
  }
  range.mean = Times(range.mean, Set1(1 / static_cast<float>(head.tokens)));
  return range;
}

// Softmax does not see the keys' mean, and a channel of Q and K may move any factor from one to the
// other: this one makes their largest magnitudes alike.
inline void BalanceChannels(const AttentionHead& head, const HeadMemory& m) {
  const Vec least = Set1(1e-30F);  // a channel of zeros takes any factor
  for (size_t i = 0; i < m.size; i += kLanes) {
    const ColumnRange key = RangeOf(head, head.keys, i);
    const ColumnRange query = RangeOf(head, head.queries, i);
    const Vec of_keys = Larger(Minus(key.high, key.mean), Minus(key.mean, key.low));
    const Vec of_queries = Larger(Magnitude(query.high), Magnitude(query.low));
    const Vec factor = SquareRoots(Over(Larger(least, of_queries), Larger(least, of_keys)));
    Store(m.key_mean + i, key.mean);
    Store(m.key_factor + i, factor);
    Store(m.query_factor + i, Over(Set1(1), factor));
  }
}

// bytes[D] = one key, rounded, with its scale and its sum; the scale is not a number if the key is
// not finite.
inline void QuantizeKey(const AttentionHead& head, const HeadMemory& m, size_t key,
                        uint8_t* bytes) {
  alignas(64) float line[kAttentionMostSize];
  const float* row = head.keys + key * head.stride;
  Vec largest = Zero();
  Vec poison = Zero();
  for (size_t i = 0; i < head.head_size; i += kLanes) {
    const Vec centred = Minus(LoadUpTo(row + i, head.head_size - i), Load(m.key_mean + i));
    const Vec v = Times(centred, Load(m.key_factor + i));
    Store(line + i, v);
    largest = Larger(largest, Magnitude(v));
    poison = Fma(v, Zero(), poison);
  }
  const float most = Largest(largest);
  const Vec inverse = Set1(most > 0 ? kMostByte / most : 0);
  Vec sum = Zero();
  for (size_t i = 0; i < head.head_size; i += kLanes) {
    const Vec rounded = Round(Times(Load(line + i), inverse));
    sum = Plus(sum, rounded);
    StoreBytes(bytes + i, Plus(rounded, Set1(128)));
  }
  m.key_scale[key] = most / kMostByte + Sum(poison);
  m.key_sum[key] = m.key_scale[key] * Sum(sum);
}

inline void PackKeys(const AttentionHead& head, const HeadMemory& m) {
  alignas(64) uint8_t bytes[kAttentionMostSize];
  __builtin_memset(bytes, 128, m.size);
  for (size_t key = 0; key < m.tokens; ++key) {
    if (key < head.tokens) {
      QuantizeKey(head, m, key, bytes);
    } else {  // whatever its score, softmax leaves it out
      m.key_scale[key] = 0;
      m.key_sum[key] = 0;
    }
    int8_t* panel = m.keys + key / kInt8Panel * kInt8Panel * m.size;
    for (size_t k = 0; k < m.size; k += kInt8Group) {
      uint32_t group;
      __builtin_memcpy(&group, bytes + k, sizeof(group));
      group ^= kSignBits;
      __builtin_memcpy(panel + (k / kInt8Group * kInt8Panel + key % kInt8Panel) * kInt8Group,
                       &group, sizeof(group));
    }
  }
}

// How many keys block `first / kKeyBlock` has, padded to a group.
inline size_t BlockDepth(const AttentionHead& head, size_t first) {
  return RoundUp(AtMost(head.tokens - first, kKeyBlock), kInt8Group);
}

inline void PackValues(const AttentionHead& head, const HeadMemory& m) {
  for (size_t i = 0; i < m.size; i += kLanes) {
    const size_t left = ChannelsFrom(head, i);
    const ColumnRange range = RangeOf(head, head.values, i);
    const Vec middle = Times(Plus(range.low, range.high), Set1(0.5F));
    const Vec scale = Times(Minus(range.high, range.low), Set1(0.5F / kMostByte));
    // A column of equal values has no range; any inverse does.
    const Vec inverse = Over(Set1(1), Larger(Set1(1e-30F), scale));
    Store(m.value_middle + i, middle);
    Store(m.value_scale + i, scale);
    Store(m.value_mean + i, range.mean);
    for (size_t first = 0; first < head.tokens; first += kKeyBlock) {
      const size_t depth = BlockDepth(head, first);
      const auto load = [&](size_t token) {
        if (token >= head.tokens) return Zero();
        return Times(Minus(LoadUpTo(head.values + token * head.stride + i, left), middle), inverse);
      };
      int8_t* to = m.values + first * m.size + i / kInt8Panel * kInt8Panel * depth +
                   i % kInt8Panel * kInt8Group;
      for (size_t token = first; token < first + depth; token += kInt8Group) {
        StoreByteGroups(to, load(token), load(token + 1), load(token + 2), load(token + 3));
        to += kInt8Panel * kInt8Group;
      }
    }
  }
}

}  // namespace
