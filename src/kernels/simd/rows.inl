// Kernels along one row, over the vector vocabulary of vec_<isa>.inl: normalisation, softmax,
// activations, sums, dot products, half precision. Included inside the set's namespace.
//
// A tail runs through the same operations as a full vector, with its unused lanes masked, so an
// element's result does not depend on where it stands.

namespace {

// x * Phi(x) by g(|x|) = -log(erfc(|x| / sqrt 2)): see scripts/fit_gelu.py, which printed the
// coefficients; the polynomial's share of the error is 4.1e-8. Beyond |x| = 10 the factor of the
// negative side, exp(-52.5) / 2, is held: it is zero next to any neighbour in a sum.
inline Vec GeluOf(Vec x) {
  const Vec u = Smaller(Set1(10.0F), Magnitude(x));
  Vec p = Set1(-0x1.c2b1b8p-26F);
  p = Fma(p, u, Set1(0x1.ceabd2p-21F));
  p = Fma(p, u, Set1(-0x1.54c1b2p-17F));
  p = Fma(p, u, Set1(0x1.297894p-15F));
  p = Fma(p, u, Set1(0x1.6dbc0ep-12F));
  p = Fma(p, u, Set1(-0x1.5933e4p-8F));
  p = Fma(p, u, Set1(0x1.2c767cp-5F));
  p = Fma(p, u, Set1(0x1.45d35cp-2F));
  p = Fma(p, u, Set1(0x1.988666p-1F));
  const Vec tail = Times(Set1(0.5F), Exp(Times(Set1(-1.0F), Times(p, u))));
  return Times(x, SelectBySign(x, tail, Minus(Set1(1.0F), tail)));
}

inline Vec GeluTanhOf(Vec x) {
  constexpr float kTwiceSqrt2OverPi = 1.59576912F;
  const Vec inner = Fma(Times(Set1(0.044715F), Times(x, x)), x, x);
  return Gate(x, Times(Set1(kTwiceSqrt2OverPi), inner));
}

inline Vec ReluOf(Vec x) { return Larger(Zero(), x); }

template <typename Function>
inline void Transform(float* x, size_t n, Function function) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Store(x + i, function(Load(x + i)));
  if (i < n) StoreFirst(x + i, function(LoadFirst(x + i, n - i)), n - i);
}

inline float RowSum(const float* x, size_t n) {
  Vec sum = Zero();
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) sum = Plus(sum, Load(x + i));
  if (i < n) sum = Plus(sum, LoadFirst(x + i, n - i));
  return Sum(sum);
}

inline float SquaredDistance(const float* x, size_t n, float mean) {
  const Vec centre = Set1(mean);
  Vec sum = Zero();
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec d = Minus(Load(x + i), centre);
    sum = Fma(d, d, sum);
  }
  if (i < n) {
    const Vec d = KeepFirst(Minus(LoadFirst(x + i, n - i), centre), n - i, Zero());
    sum = Fma(d, d, sum);
  }
  return Sum(sum);
}

void NormaliseRow(const float* gamma, const float* beta, float epsilon, size_t n, float* row) {
  const float count = static_cast<float>(n);
  const float mean = RowSum(row, n) / count;
  const float variance = SquaredDistance(row, n, mean) / count;
  const float root = SquareRoot(variance + epsilon);
  const Vec scale = Set1(1.0F / root);
  const Vec centre = Set1(mean);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec unit = Times(Minus(Load(row + i), centre), scale);
    Store(row + i, Fma(unit, Load(gamma + i), Load(beta + i)));
  }
  if (i < n) {
    const size_t left = n - i;
    const Vec unit = Times(Minus(LoadFirst(row + i, left), centre), scale);
    StoreFirst(row + i, Fma(unit, LoadFirst(gamma + i, left), LoadFirst(beta + i, left)), left);
  }
}

}  // namespace

void Add(const float* x, size_t n, float* sum) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Store(sum + i, Plus(Load(sum + i), Load(x + i)));
  if (i < n) {
    const size_t left = n - i;
    StoreFirst(sum + i, Plus(LoadFirst(sum + i, left), LoadFirst(x + i, left)), left);
  }
}

void Multiply(const float* x, size_t n, float* product) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Store(product + i, Times(Load(product + i), Load(x + i)));
  if (i < n) {
    const size_t left = n - i;
    StoreFirst(product + i, Times(LoadFirst(product + i, left), LoadFirst(x + i, left)), left);
  }
}

void Rotate(const float* cos, const float* sin, size_t half, size_t heads, float* x) {
  for (size_t head = 0; head < heads; ++head, x += 2 * half) {
    size_t i = 0;
    for (; i + kLanes <= half; i += kLanes) {
      const Vec a = Load(x + i);
      const Vec b = Load(x + half + i);
      const Vec c = Load(cos + i);
      const Vec s = Load(sin + i);
      Store(x + i, Minus(Times(a, c), Times(b, s)));
      Store(x + half + i, Fma(b, c, Times(a, s)));
    }
    if (i < half) {
      const size_t left = half - i;
      const Vec a = LoadFirst(x + i, left);
      const Vec b = LoadFirst(x + half + i, left);
      const Vec c = LoadFirst(cos + i, left);
      const Vec s = LoadFirst(sin + i, left);
      StoreFirst(x + i, Minus(Times(a, c), Times(b, s)), left);
      StoreFirst(x + half + i, Fma(b, c, Times(a, s)), left);
    }
  }
}

void LayerNorm(const float* x, const float* residual, const float* gamma, const float* beta,
               float epsilon, size_t rows, size_t n, float* out) {
  for (size_t row = 0; row < rows; ++row) {
    float* to = out + row * n;
    const float* from = x + row * n;
    const float* other = residual == nullptr ? nullptr : residual + row * n;
    size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      const Vec v = Load(from + i);
      Store(to + i, other == nullptr ? v : Plus(v, Load(other + i)));
    }
    if (i < n) {
      const Vec v = LoadFirst(from + i, n - i);
      StoreFirst(to + i, other == nullptr ? v : Plus(v, LoadFirst(other + i, n - i)), n - i);
    }
    NormaliseRow(gamma, beta, epsilon, n, to);
  }
}

void RmsNorm(const float* x, const float* gamma, float epsilon, size_t rows, size_t n,
             float* out) {
  for (size_t row = 0; row < rows; ++row, x += n, out += n) {
    const float variance = SquaredDistance(x, n, 0) / static_cast<float>(n);
    const Vec scale = Set1(1.0F / SquareRoot(variance + epsilon));
    size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      Store(out + i, Times(Times(Load(x + i), scale), Load(gamma + i)));
    }
    if (i < n) {
      const size_t left = n - i;
      StoreFirst(out + i, Times(Times(LoadFirst(x + i, left), scale), LoadFirst(gamma + i, left)),
                 left);
    }
  }
}

void Softmax(float* x, size_t n, float scale) {
  const Vec largest = Set1(RowLargest(x, n));
  const Vec factor = Set1(scale);
  Vec sum = Zero();
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec e = Exp(Times(factor, Minus(Load(x + i), largest)));
    Store(x + i, e);
    sum = Plus(sum, e);
  }
  if (i < n) {
    const Vec e = Exp(Times(factor, Minus(LoadFirst(x + i, n - i), largest)));
    StoreFirst(x + i, e, n - i);
    sum = Plus(sum, KeepFirst(e, n - i, Zero()));
  }
  const Vec inverse = Set1(1.0F / Sum(sum));
  Transform(x, n, [inverse](Vec v) { return Times(v, inverse); });
}

void Gelu(float* x, size_t n) {
  Transform(x, n, [](Vec v) { return GeluOf(v); });
}
void GeluTanh(float* x, size_t n) {
  Transform(x, n, [](Vec v) { return GeluTanhOf(v); });
}
void Relu(float* x, size_t n) {
  Transform(x, n, [](Vec v) { return ReluOf(v); });
}
void Silu(float* x, size_t n) {
  Transform(x, n, [](Vec v) { return SiluOf(v); });
}

// Four chains hide the latency of the multiply-add.
float Dot(const float* x, const float* y, size_t n) {
  Vec sum[4] = {Zero(), Zero(), Zero(), Zero()};
  size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
#pragma GCC unroll 4
    for (size_t c = 0; c < 4; ++c) {
      sum[c] = Fma(Load(x + i + c * kLanes), Load(y + i + c * kLanes), sum[c]);
    }
  }
  for (; i + kLanes <= n; i += kLanes) sum[0] = Fma(Load(x + i), Load(y + i), sum[0]);
  if (i < n) sum[1] = Fma(LoadFirst(x + i, n - i), LoadFirst(y + i, n - i), sum[1]);
  return Sum(Plus(Plus(sum[0], sum[1]), Plus(sum[2], sum[3])));
}

float DotF16(const float* query, const uint16_t* row, size_t n) {
  Vec sum[4] = {Zero(), Zero(), Zero(), Zero()};
  size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
#pragma GCC unroll 4
    for (size_t c = 0; c < 4; ++c) {
      sum[c] = Fma(Load(query + i + c * kLanes), LoadHalf(row + i + c * kLanes), sum[c]);
    }
  }
  for (; i + kLanes <= n; i += kLanes) sum[0] = Fma(Load(query + i), LoadHalf(row + i), sum[0]);
  if (i < n) sum[1] = Fma(LoadFirst(query + i, n - i), LoadHalfFirst(row + i, n - i), sum[1]);
  return Sum(Plus(Plus(sum[0], sum[1]), Plus(sum[2], sum[3])));
}

void F16ToF32(const uint16_t* in, size_t n, float* out) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Store(out + i, LoadHalf(in + i));
  if (i < n) StoreFirst(out + i, LoadHalfFirst(in + i, n - i), n - i);
}

void F32ToF16(const float* in, size_t n, uint16_t* out) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) StoreHalf(out + i, Load(in + i));
  if (i < n) StoreHalfFirst(out + i, LoadFirst(in + i, n - i), n - i);
}
