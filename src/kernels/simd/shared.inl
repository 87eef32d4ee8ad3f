// What the kernels of a set share, over the vector vocabulary of vec_<isa>.inl: the exponential
// function, the logistic gate, the largest of a row. Included inside the set's namespace.

namespace {

inline size_t AtMost(size_t value, size_t limit) { return value < limit ? value : limit; }

// exp(x), relative error below 2e-7 for x in [-87.3, 88.3]; outside the argument is clamped, so
// that the result stays a normal number. NaN stays NaN.
// x = n * ln 2 + r with |r| <= ln 2 / 2; exp(r) by its Taylor polynomial of degree 7, whose rest
// is below 0.35^8 / 8! = 6e-9. ln 2 is split so that n * kLn2High is exact (12 trailing zeros).
inline Vec Exp(Vec x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  x = Smaller(Set1(88.3F), Larger(Set1(-87.3F), x));
  const Vec n = Round(Times(x, Set1(kLog2E)));
  Vec r = Fma(n, Set1(-kLn2High), x);
  r = Fma(n, Set1(-kLn2Low), r);
  Vec p = Set1(1.0F / 5040);
  p = Fma(p, r, Set1(1.0F / 720));
  p = Fma(p, r, Set1(1.0F / 120));
  p = Fma(p, r, Set1(1.0F / 24));
  p = Fma(p, r, Set1(1.0F / 6));
  p = Fma(p, r, Set1(0.5F));
  p = Fma(p, r, Set1(1.0F));
  p = Fma(p, r, Set1(1.0F));
  return ScaleByPowerOf2(p, n);
}

// x / (1 + exp(-y)): the logistic gate of SiLU (y = x) and of the tanh form of GELU, where
// (1 + tanh z) / 2 = 1 / (1 + exp(-2 z)).
inline Vec Gate(Vec x, Vec y) {
  return OverAtLeast1(x, Plus(Set1(1.0F), Exp(Times(Set1(-1.0F), y))));
}

inline Vec SiluOf(Vec x) { return Gate(x, x); }

inline float RowLargest(const float* x, size_t n) {
  const Vec lowest = Set1(-__builtin_inff());
  Vec largest = lowest;
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) largest = Larger(largest, Load(x + i));
  if (i < n) largest = Larger(largest, KeepFirst(LoadFirst(x + i, n - i), n - i, lowest));
  return Largest(largest);
}

// body(0), body(1), ..., body(kEnd - 1) with the index as a constant: gcc 12 keeps an array of
// accumulators in registers only if no index into it is ever a variable.
template <size_t kIndex>
struct Constant {
  static constexpr size_t kValue = kIndex;
};
template <size_t kEnd, size_t kAt = 0, typename Body>
[[gnu::always_inline]] inline void Unroll(const Body& body) {
  if constexpr (kAt < kEnd) {
    body(Constant<kAt>{});
    Unroll<kEnd, kAt + 1>(body);
  }
}

}  // namespace
