// Quantisation of one row of activations, over the vector vocabulary of vec_<isa>.inl and
// StoreBytes of int8_<isa>.inl. Included inside the set's namespace.

namespace {

struct Range {
  float low;
  float high;
};

// Of x * channel_scale. A NaN or an infinity anywhere makes both ends NaN: v * 0 is NaN then. Two
// chains hide the latency of the multiply-add.
inline Range RowRange(const float* x, const float* channel_scale, size_t k) {
  const Vec infinity = Set1(__builtin_inff());
  Vec low[2] = {infinity, infinity};
  Vec high[2] = {Minus(Zero(), infinity), Minus(Zero(), infinity)};
  Vec poison[2] = {Zero(), Zero()};
  const auto add = [&](Vec v, auto chain) {
    constexpr size_t kChain = decltype(chain)::kValue;
    low[kChain] = Smaller(low[kChain], v);
    high[kChain] = Larger(high[kChain], v);
    poison[kChain] = Fma(v, Zero(), poison[kChain]);
  };
  size_t i = 0;
  for (; i + 2 * kLanes <= k; i += 2 * kLanes) {
    add(Times(Load(x + i), Load(channel_scale + i)), Constant<0>{});
    add(Times(Load(x + i + kLanes), Load(channel_scale + i + kLanes)), Constant<1>{});
  }
  if (i + kLanes <= k) {
    add(Times(Load(x + i), Load(channel_scale + i)), Constant<0>{});
    i += kLanes;
  }
  if (i < k) {
    const size_t left = k - i;
    const Vec v = Times(LoadFirst(x + i, left), LoadFirst(channel_scale + i, left));
    low[0] = Smaller(low[0], KeepFirst(v, left, low[0]));
    high[0] = Larger(high[0], KeepFirst(v, left, high[0]));
    poison[0] = Fma(v, Zero(), poison[0]);
  }
  const float bad = Sum(Plus(poison[0], poison[1]));
  const Vec least = Smaller(low[0], low[1]);
  return {-Largest(Minus(Zero(), least)) + bad, Largest(Larger(high[0], high[1])) + bad};
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
    StoreBytes(values + i, Times(Minus(v, low), inverse));
  }
  if (i < k) {
    const size_t left = k - i;
    const Vec v = Times(LoadFirst(x + i, left), LoadFirst(channel_scale + i, left));
    uint8_t bytes[kLanes];
    StoreBytes(bytes, Times(Minus(v, low), inverse));
    for (size_t j = 0; j < left; ++j) values[i + j] = bytes[j];
    i = k;
  }
  for (; i < depth; ++i) values[i] = 0;
}
