// The kernel set `scalar`: what every kernel means, in the shortest code, with f64 inside so that
// its own rounding is out of the way when another set is compared with it. It runs on any CPU.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace coderank::kernels::scalar {

#include "kernels/kernel_functions.inc"

namespace {

float HalfToFloat(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = half >> 10 & 0x1f;
  const uint32_t fraction = half & 0x3ff;
  if (exponent == 0x1f) {  // infinity, NaN (made quiet, as the hardware does)
    const uint32_t quiet = fraction != 0 ? 0x400000 : 0;
    return std::bit_cast<float>(sign | 0x7f800000 | quiet | fraction << 13);
  }
  if (exponent != 0) {
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  }
  const float subnormal = static_cast<float>(fraction) * 0x1p-24F;
  return sign != 0 ? -subnormal : subnormal;
}

uint16_t FloatToHalf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  if (std::isnan(value)) return static_cast<uint16_t>(sign | 0x7e00 | (bits >> 13 & 0x3ff));
  const double magnitude = std::fabs(static_cast<double>(value));
  if (magnitude >= 65520) return sign | 0x7c00;  // 65504 is the largest half, 65520 rounds up
  // The spacing of halves around the value: 2^-24 below 2^-14, else 2^(exponent - 10).
  const int exponent = magnitude < 0x1p-14 ? -14 : std::ilogb(magnitude);
  const double steps = std::nearbyint(std::ldexp(magnitude, 10 - exponent));
  // Adding the exponent carries a fraction that was rounded up to the next power of two.
  const int encoded = ((exponent + 14) << 10) + static_cast<int>(steps);
  return static_cast<uint16_t>(sign | encoded);
}

}  // namespace

void PackRows(const float* b, size_t ldb, size_t n, size_t k, float* packed) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < k; ++j) packed[i * k + j] = b[i * ldb + j];
  }
}

void PackColumns(const float* b, size_t ldb, size_t n, size_t k, float* packed) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < k; ++j) packed[i * k + j] = b[j * ldb + i];
  }
}

void Gemm(const float* a, size_t lda, const float* packed, const float* bias, float* c, size_t ldc,
          size_t m, size_t n, size_t k) {
  for (size_t row = 0; row < m; ++row) {
    for (size_t column = 0; column < n; ++column) {
      double sum = bias == nullptr ? 0 : bias[column];
      for (size_t i = 0; i < k; ++i) {
        sum += static_cast<double>(a[row * lda + i]) * packed[column * k + i];
      }
      c[row * ldc + column] = static_cast<float>(sum);
    }
  }
}

void LayerNorm(const float* x, const float* residual, const float* gamma, const float* beta,
               float epsilon, size_t rows, size_t n, float* out) {
  for (size_t row = 0; row < rows; ++row) {
    const auto input = [&](size_t i) {
      const size_t at = row * n + i;
      return residual == nullptr ? x[at] : x[at] + residual[at];
    };
    double mean = 0;
    for (size_t i = 0; i < n; ++i) mean += input(i);
    mean /= static_cast<double>(n);
    double variance = 0;
    for (size_t i = 0; i < n; ++i) variance += (input(i) - mean) * (input(i) - mean);
    const double scale = 1 / std::sqrt(variance / static_cast<double>(n) + epsilon);
    for (size_t i = 0; i < n; ++i) {
      out[row * n + i] = static_cast<float>((input(i) - mean) * scale * gamma[i] + beta[i]);
    }
  }
}

void RmsNorm(const float* x, const float* gamma, float epsilon, size_t rows, size_t n, float* out) {
  for (size_t row = 0; row < rows; ++row, x += n, out += n) {
    double squares = 0;
    for (size_t i = 0; i < n; ++i) squares += static_cast<double>(x[i]) * x[i];
    const double scale = 1 / std::sqrt(squares / static_cast<double>(n) + epsilon);
    for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(x[i] * scale * gamma[i]);
  }
}

void Softmax(float* x, size_t n, float scale) {
  double largest = -INFINITY;
  for (size_t i = 0; i < n; ++i) largest = std::fmax(largest, x[i]);
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += std::exp(scale * (x[i] - largest));
  for (size_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(std::exp(scale * (x[i] - largest)) / sum);
  }
}

void Gelu(float* x, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(0.5 * x[i] * std::erfc(-x[i] * std::sqrt(0.5)));
  }
}

void GeluTanh(float* x, size_t n) {
  const double slope = std::sqrt(2 / M_PI);
  for (size_t i = 0; i < n; ++i) {
    const double v = x[i];
    x[i] = static_cast<float>(v / (1 + std::exp(-2 * slope * (v + 0.044715 * v * v * v))));
  }
}

void Relu(float* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] = x[i] < 0 ? 0 : x[i];
}

void Silu(float* x, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(x[i] / (1 + std::exp(-static_cast<double>(x[i]))));
  }
}

void Add(const float* x, size_t n, float* sum) {
  for (size_t i = 0; i < n; ++i) sum[i] += x[i];
}

void Multiply(const float* x, size_t n, float* product) {
  for (size_t i = 0; i < n; ++i) product[i] *= x[i];
}

void Rotate(const float* cos, const float* sin, size_t half, size_t heads, float* x) {
  for (size_t head = 0; head < heads; ++head, x += 2 * half) {
    for (size_t i = 0; i < half; ++i) {
      const double a = x[i];
      const double b = x[half + i];
      x[i] = static_cast<float>(a * cos[i] - b * sin[i]);
      x[half + i] = static_cast<float>(b * cos[i] + a * sin[i]);
    }
  }
}

float Dot(const float* x, const float* y, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * y[i];
  return static_cast<float>(sum);
}

float DotF16(const float* query, const uint16_t* row, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += static_cast<double>(query[i]) * HalfToFloat(row[i]);
  return static_cast<float>(sum);
}

void F16ToF32(const uint16_t* in, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i) out[i] = HalfToFloat(in[i]);
}

void F32ToF16(const float* in, size_t n, uint16_t* out) {
  for (size_t i = 0; i < n; ++i) out[i] = FloatToHalf(in[i]);
}

}  // namespace coderank::kernels::scalar
