// The int8 kernels of every set against the scalar reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <new>

#include "kernels/kernel_test_util.h"
#if defined(__x86_64__)
#include "kernels/amx_emulation_testing.h"
#endif

namespace coderank::kernels {
namespace {

// With the emulated tiles, whose kernel few machines can run.
std::vector<const KernelSet*> Int8Sets() {
  std::vector<const KernelSet*> sets = AvailableSets();
#if defined(__x86_64__)
  if (DetectCpuFeatures().Includes(AmxEmulatedSet().required)) sets.push_back(&AmxEmulatedSet());
#endif
  return sets;
}

class Int8Test : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, Int8Test, ::testing::ValuesIn(Int8Sets()), SetName);

struct Shape {
  size_t rows, columns, depth, outliers;
};

// Panels must start on a cache line.
struct FreeAligned {
  void operator()(int8_t* p) const { ::operator delete(p, std::align_val_t{64}); }
};

// A product with random bytes in all places: rows of 0 .. levels, weights of -127 .. 127.
class Problem {
 public:
  Problem(const Shape& shape, int levels, uint64_t seed) : shape_(shape) {
    RandomData random(seed);
    const auto byte = [&](int low, int high) {
      const auto span = static_cast<double>(high - low + 1);
      const double unit = std::fabs(static_cast<double>(random.Next())) * 1e4;
      return low + static_cast<int>(std::fmod(unit, span));
    };
    panels_.reset(static_cast<int8_t*>(
        ::operator new(std::max<size_t>(columns() * depth(), 1), std::align_val_t{64})));
    for (size_t i = 0; i < columns() * depth(); ++i) {
      panels_[i] = static_cast<int8_t>(byte(-127, 127));
    }
    for (size_t i = 0; i < shape.rows * depth(); ++i) {
      values_.push_back(static_cast<uint8_t>(byte(0, levels)));
    }
    scale_ = random.Vector(columns(), 0.01F);
    sum_ = random.Vector(columns());
    bias_ = random.Vector(columns());
    outlier_weights_ = random.Vector(columns() * shape.outliers);
    row_scale_ = random.Vector(shape.rows, 0.01F);
    row_offset_ = random.Vector(shape.rows);
    outliers_ = random.Vector(shape.rows * shape.outliers);
  }

  size_t columns() const { return (shape_.columns + kInt8Panel - 1) / kInt8Panel * kInt8Panel; }
  size_t depth() const {
    return (shape_.depth + kInt8DepthStep - 1) / kInt8DepthStep * kInt8DepthStep;
  }
  Int8Weights weights() const {
    return {.panels = panels_.get(),
            .scale = scale_.data(),
            .sum = sum_.data(),
            .bias = bias_.data(),
            .outliers = outlier_weights_.data(),
            .columns = columns(),
            .depth = depth(),
            .outlier_count = shape_.outliers};
  }
  Int8Rows rows() const {
    return {.values = values_.data(),
            .scale = row_scale_.data(),
            .offset = row_offset_.data(),
            .outliers = outliers_.data()};
  }

  // The output with two columns of padding on the right, which must stay as they are.
  std::vector<float> Multiply(const KernelSet& set, bool gated) const {
    const size_t n = gated ? (shape_.columns + 1) / 2 : shape_.columns;
    std::vector<float> c(shape_.rows * (n + 2), kPadding);
    const Int8Output output{.c = c.data(),
                            .ldc = n + 2,
                            .n = n,
                            .first_panel = 0,
                            .last_panel = columns() / kInt8Panel};
    (gated ? set.gemm_int8_gated : set.gemm_int8)(rows(), shape_.rows, weights(), output);
    return c;
  }
  void FillWith(uint8_t value, int8_t weight) {
    std::fill(values_.begin(), values_.end(), value);
    std::fill_n(panels_.get(), columns() * depth(), weight);
  }

  static constexpr float kPadding = 12345;

 private:
  Shape shape_;
  std::unique_ptr<int8_t[], FreeAligned> panels_;
  std::vector<uint8_t> values_;
  std::vector<float> scale_, sum_, bias_, outlier_weights_, row_scale_, row_offset_, outliers_;
};

// The terms of one element: the integer sum (exact, then rounded to f32), offset, bias, outliers.
// Each of the outliers + 4 operations rounds to f32; the terms are at most a few times the largest
// magnitude seen, for which depth * 127 * 127 * 1e-4 * 16 (four deviations each) stands.
double ElementTolerance(const Shape& shape) {
  const double integer = static_cast<double>(shape.depth + kInt8DepthStep) * 255 * 127 * 1e-4 * 16;
  const double rest = 32.0 + 16.0 * static_cast<double>(shape.outliers);
  return (static_cast<double>(shape.outliers) + 6) * kUnit * (integer + rest);
}

void ExpectMatches(const KernelSet& set, const Shape& shape, bool gated) {
  const Problem problem(shape, set.int8_levels,
                        shape.rows * 7919 + shape.columns * 31 + shape.depth);
  const std::vector<float> found = problem.Multiply(set, gated);
  const std::vector<float> expected = problem.Multiply(Reference(), gated);
  // A product of two elements, and the gate's own slope, scale the error.
  std::vector<double> tolerance(found.size(), ElementTolerance(shape));
  if (gated) {
    for (size_t i = 0; i < tolerance.size(); ++i) {
      tolerance[i] *= 4 * (1 + std::sqrt(std::fabs(static_cast<double>(expected[i]))));
    }
  }
  EXPECT_TRUE(AllWithin(found, expected, tolerance))
      << set.name << (gated ? " gated" : "") << " rows=" << shape.rows
      << " columns=" << shape.columns << " depth=" << shape.depth;
}

TEST_P(Int8Test, EveryRemainderOfRows) {
  for (size_t rows = 0; rows <= 70; ++rows) ExpectMatches(*GetParam(), {rows, 70, 64, 2}, false);
}

TEST_P(Int8Test, EveryRemainderOfColumns) {
  for (size_t n = 0; n <= 130; ++n) ExpectMatches(*GetParam(), {7, n, 64, 1}, false);
}

TEST_P(Int8Test, Depths) {
  for (const size_t depth : std::initializer_list<size_t>{0, 64, 128, 192, 384, 3072}) {
    ExpectMatches(*GetParam(), {13, 48, depth, 0}, false);
  }
}

TEST_P(Int8Test, Outliers) {
  for (size_t outliers = 0; outliers <= 16; ++outliers) {
    ExpectMatches(*GetParam(), {9, 80, 128, outliers}, false);
  }
}

TEST_P(Int8Test, GatedRowsAndColumns) {
  for (size_t rows = 0; rows <= 70; ++rows) ExpectMatches(*GetParam(), {rows, 96, 64, 2}, true);
  for (size_t n = 0; n <= 130; n += 2) ExpectMatches(*GetParam(), {7, n, 64, 1}, true);
}

// The largest bytes everywhere: an int16 sum that saturates (vpmaddubsw with 255 * 127 twice) would
// show here, and an int32 sum that overflows.
TEST_P(Int8Test, ExtremeBytesDoNotSaturate) {
  const KernelSet& set = *GetParam();
  for (const int weight : {127, -127}) {
    for (const size_t depth : {size_t{768}, kInt8MaxDepth}) {
      const Shape shape{7, 64, depth, 0};
      Problem problem(shape, set.int8_levels, 5);
      problem.FillWith(static_cast<uint8_t>(set.int8_levels), static_cast<int8_t>(weight));
      const std::vector<float> found = problem.Multiply(set, false);
      const std::vector<float> expected = problem.Multiply(Reference(), false);
      const std::vector<double> tolerance(found.size(), ElementTolerance(shape));
      EXPECT_TRUE(AllWithin(found, expected, tolerance)) << set.name << " depth " << depth;
    }
  }
}

TEST_P(Int8Test, PartsOfTheColumnsAreTheWhole) {
  const KernelSet& set = *GetParam();
  const Problem problem({11, 150, 128, 3}, set.int8_levels, 3);
  const std::vector<float> whole = problem.Multiply(set, false);
  std::vector<float> parts(whole.size(), Problem::kPadding);
  for (size_t panel = 0; panel < 10; panel += 3) {
    set.gemm_int8(problem.rows(), 11, problem.weights(),
                  {.c = parts.data(),
                   .ldc = 152,
                   .n = 150,
                   .first_panel = panel,
                   .last_panel = std::min<size_t>(panel + 3, 10)});
  }
  EXPECT_EQ(parts, whole);
}

struct QuantizedRow {
  std::vector<uint8_t> values;
  float scale = -1;
  float offset = -1;
};

QuantizedRow Quantize(const KernelSet& set, const std::vector<float>& x,
                      const std::vector<float>& channels, int levels) {
  const size_t depth = (x.size() + kInt8DepthStep) / kInt8DepthStep * kInt8DepthStep;
  QuantizedRow row{.values = std::vector<uint8_t>(depth, 77)};
  set.quantize_row(x.data(), channels.data(), x.size(), depth, levels, row.values.data(),
                   &row.scale, &row.offset);
  return row;
}

TEST_P(Int8Test, QuantizesEveryLengthAsTheReference) {
  RandomData random(11);
  for (size_t k = 1; k <= 130; ++k) {
    const std::vector<float> x = random.Vector(k, 3);
    std::vector<float> channels(k, 1);
    if (k > 4) channels[k / 2] = 0;
    for (const int levels : {127, 255}) {
      const QuantizedRow found = Quantize(*GetParam(), x, channels, levels);
      const QuantizedRow expected = Quantize(Reference(), x, channels, levels);
      EXPECT_EQ(found.values, expected.values) << k;
      EXPECT_EQ(found.scale, expected.scale) << k;
      EXPECT_EQ(found.offset, expected.offset) << k;
    }
  }
}

// Every value comes back within half a step: the meaning of the reference itself.
TEST_P(Int8Test, QuantizationKeepsValues) {
  RandomData random(12);
  const std::vector<float> x = random.Vector(200, 5);
  const QuantizedRow row = Quantize(*GetParam(), x, std::vector<float>(200, 1), 255);
  for (size_t i = 0; i < x.size(); ++i) {
    const float back = row.scale * static_cast<float>(row.values[i]) + row.offset;
    EXPECT_NEAR(back, x[i], row.scale * 0.5001) << i;
  }
  EXPECT_TRUE(
      std::all_of(row.values.begin() + 200, row.values.end(), [](uint8_t v) { return v == 0; }));
}

TEST_P(Int8Test, EqualValuesHaveNoRange) {
  const QuantizedRow row =
      Quantize(*GetParam(), std::vector<float>(50, -2.5F), std::vector<float>(50, 1), 255);
  EXPECT_EQ(row.scale, 0);
  EXPECT_EQ(row.offset, -2.5F);
}

TEST_P(Int8Test, NumbersThatAreNotFiniteShow) {
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    for (const size_t at : std::initializer_list<size_t>{0, 17, 49}) {
      std::vector<float> x(50, 1);
      x[at] = bad;
      const QuantizedRow row = Quantize(*GetParam(), x, std::vector<float>(50, 1), 255);
      EXPECT_TRUE(std::isnan(row.scale)) << bad << " at " << at;
      EXPECT_TRUE(std::isnan(row.offset)) << bad << " at " << at;
    }
  }
}

// One head with its memory, and columns beside the output that must stay as they are.
struct Attention {
  Attention(size_t tokens, size_t size, float spread, uint64_t seed)
      : tokens(tokens), size(size), stride(3 * size + 5) {
    RandomData random(seed);
    qkv = random.Vector(std::max<size_t>(tokens * stride, 1), spread);
  }

  std::vector<float> Run(const KernelSet& set) const {
    std::vector<float> context(tokens * (size + 2), Problem::kPadding);
    const AttentionHead head{.queries = qkv.data(),
                             .keys = qkv.data() + size,
                             .values = qkv.data() + 2 * size,
                             .context = context.data(),
                             .tokens = tokens,
                             .head_size = size,
                             .stride = stride,
                             .context_stride = size + 2};
    const std::unique_ptr<int8_t[], FreeAligned> memory(static_cast<int8_t*>(
        ::operator new(set.attention_bytes(tokens, size), std::align_val_t{64})));
    set.attend(head, memory.get());
    return context;
  }

  size_t tokens, size, stride;
  std::vector<float> qkv;
};

// Of an element of the context in 16 bits. A score's error: each of `size` products of numbers up
// to 4 * spread, each off by half a step of largest / limit, limit >= 2^15.5 / sqrt(size); it moves
// a probability by that share, and the context by that share of the values' range, twice. The
// probabilities' own rounding, half of 1 / 32767 each, and the values' add less than tokens / 65534
// of the range; f32 rounding the rest.
double WordTolerance(const Attention& a, double spread) {
  const double range = 4 * spread;
  const double root = std::sqrt(static_cast<double>(a.size));
  const double step = range * root / 46340;
  const double score = 2 * static_cast<double>(a.size) * range * (step / 2) / root;
  return 2 * range * (2 * score + static_cast<double>(a.tokens) / 65534 + 1e-4);
}

// In 8 bits: eight standard deviations of independent roundings, step / sqrt(12) each. A score has
// those of Q and K (balancing may stretch one of them by half), each times the other's deviation,
// and moves the context by that share of the values' deviation. Each of 64 probabilities, the
// largest being 255, is off by one rounding and so moves the context by as much of a deviation.
double ByteTolerance(double spread) {
  const double rounding = 1 / std::sqrt(12.0);
  const double step = 8 * spread / 255;
  const double score = 1.5 * std::sqrt(2.0) * spread * step * rounding;
  const double probability = std::sqrt(64.0) / 255 * rounding;
  return 8 * std::sqrt(std::pow(score * spread, 2) + std::pow(probability * spread, 2) +
                       std::pow(step * rounding, 2));
}

double ContextTolerance(const KernelSet& set, const Attention& a, double spread) {
  return set.int8_levels == 255 ? ByteTolerance(spread) : WordTolerance(a, spread);
}

TEST_P(Int8Test, AttentionIsTheFormula) {
  for (const size_t tokens :
       std::initializer_list<size_t>{1, 2, 3, 15, 16, 17, 28, 29, 56, 57, 63, 64, 65, 100, 300}) {
    for (const size_t size : std::initializer_list<size_t>{1, 5, 16, 32, 33, 64, 80}) {
      for (const float spread : {0.25F, 1.0F}) {
        const Attention attention(tokens, size, spread, tokens * 131 + size);
        const auto found = attention.Run(*GetParam());
        const auto expected = attention.Run(Reference());
        const std::vector<double> tolerance(
            found.size(), ContextTolerance(*GetParam(), attention, static_cast<double>(spread)));
        EXPECT_TRUE(AllWithin(found, expected, tolerance))
            << GetParam()->name << " tokens=" << tokens << " size=" << size;
      }
    }
  }
}

// What softmax does not see must not cost bits: a channel a hundred times larger in K and smaller
// in Q, and something that all keys have in common.
TEST_P(Int8Test, AttentionSeesThroughScaledChannelsAndCommonKeys) {
  if (GetParam()->int8_levels != 255) GTEST_SKIP() << "16 bits have room for both";
  const Attention plain(150, 32, 1, 9);
  Attention moved = plain;
  for (size_t token = 0; token < moved.tokens; ++token) {
    float* row = moved.qkv.data() + token * moved.stride;
    row[5] /= 100;
    row[moved.size + 5] *= 100;
    row[moved.size + 7] += 20;
  }
  const auto found = moved.Run(*GetParam());
  const auto expected = plain.Run(Reference());
  EXPECT_TRUE(AllWithin(found, expected, std::vector<double>(found.size(), ByteTolerance(1))))
      << GetParam()->name;
}

// A few keys that take nearly all attention must not hide what many others add up to.
TEST_P(Int8Test, AttentionKeepsManySmallProbabilities) {
  Attention attention(64, 16, 0.01F, 6);
  for (size_t token = 0; token < attention.tokens; ++token) {
    float* row = attention.qkv.data() + token * attention.stride;
    row[0] = 4;                                    // all queries
    row[attention.size] = token == 0 ? 6.5F : 0;   // the first key gets exp(6.5) = 665 parts
    row[2 * attention.size] = token == 0 ? 0 : 1;  // the other 63 get one each
  }
  const float found = attention.Run(*GetParam())[0];
  EXPECT_NEAR(found, attention.Run(Reference())[0], 0.01);
}

// Probabilities below the resolution must not vanish as a whole: equal keys give the mean value.
TEST_P(Int8Test, AttentionToManyEqualKeysIsTheMean) {
  Attention attention(2000, 16, 1, 3);
  double mean = 0;
  for (size_t token = 0; token < attention.tokens; ++token) {
    float* row = attention.qkv.data() + token * attention.stride;
    std::fill_n(row, 2 * attention.size, 0.5F);
    mean += row[2 * attention.size] / static_cast<double>(attention.tokens);
  }
  // Values are rounded to 4.5 / 32767 at most; the mean of 2,000 keeps a fraction of that.
  EXPECT_NEAR(attention.Run(*GetParam())[0], mean, 4.5 / 32767);
}

TEST_P(Int8Test, AttentionShowsNumbersThatAreNotFinite) {
  for (const float bad : {NAN, INFINITY}) {
    for (size_t part = 0; part < 3; ++part) {  // of Q, K, V
      Attention attention(20, 16, 1, 4);
      attention.qkv[7 * attention.stride + part * attention.size + 3] = bad;
      const auto context = attention.Run(*GetParam());
      EXPECT_FALSE(std::isfinite(context[7 * (attention.size + 2) + 3])) << bad << " " << part;
    }
  }
}

}  // namespace
}  // namespace coderank::kernels
