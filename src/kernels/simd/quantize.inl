// Quantisation of one row of activations, over the vector vocabulary of vec_<isa>.inl and
// StoreBytes of int8_<isa>.inl. Included inside the set's namespace.

namespace {

struct Range {
  float low;
  float high;
};

// Of x * channel_scale. A NaN or an infinity anywhere makes both ends NaN: v * 0 is NaN then.
inline Range RowRange(const float* x, const float* channel_scale, size_t k) {
  Vec low = Set1(__builtin_inff());
  Vec high = Set1(-__builtin_inff());
  Vec poison = Zero();
  size_t i = 0;
  for (; i + kLanes <= k; i += kLanes) {
    const Vec v = Times(Load(x + i), Load(channel_scale + i));
    low = Smaller(low, v);
    high = Larger(high, v);
    poison = Fma(v, Zero(), poison);
  }
  if (i < k) {
    const size_t left = k - i;
    const Vec v = Times(LoadFirst(x + i, left), LoadFirst(channel_scale + i, left));
    low = Smaller(low, KeepFirst(v, left, low));
    high = Larger(high, KeepFirst(v, left, high));
    poison = Fma(v, Zero(), poison);
  }
  const float bad = Sum(poison);
  return {-Largest(Minus(Zero(), low)) + bad, Largest(high) + bad};
}

}  // namespace

void QuantizeRow(const float* x, const float* channel_scale, size_t k, size_t depth, int levels,
                 uint8_t* values, float* scale, float* offset) {
  const Range range = RowRange(x, channel_scale, k);
  const float width = range.high - range.low;
  const float steps = static_cast<float>(levels);
  *scale = width / steps;
  *offset = range.low;
  const Vec inverse = Set1(width > 0 ? steps / width : 0);
  const Vec low = Set1(range.low);
  size_t i = 0;
  for (; i + kLanes <= k; i += kLanes) {
    const Vec v = Times(Load(x + i), Load(channel_scale + i));
    StoreBytes(values + i, Times(Minus(v, low), inverse), levels);
  }
  if (i < k) {
    const size_t left = k - i;
    const Vec v = Times(LoadFirst(x + i, left), LoadFirst(channel_scale + i, left));
    uint8_t bytes[kLanes];
    StoreBytes(bytes, Times(Minus(v, low), inverse), levels);
    for (size_t j = 0; j < left; ++j) values[i + j] = bytes[j];
    i = k;
  }
  for (; i < depth; ++i) values[i] = 0;
}
