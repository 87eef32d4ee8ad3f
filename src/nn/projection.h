// Projection: a learned map of rows, [rows, in] to [rows, out]. What an architecture is made of,
// whatever the precision of its weights.
#pragma once

#include <cstddef>

#include "base/thread_pool.h"
#include "nn/buffer.h"

namespace coderank::nn {

// Applied in place to n elements; null for none.
using Activation = void (*)(float* x, size_t n);

// Sees what goes into each projection: for calibration, before weights are quantised.
class ActivationObserver {
 public:
  virtual ~ActivationObserver() = default;
  // `layer` is the number that the projection was made with; x is [rows, in].
  virtual void Observe(size_t layer, const float* x, size_t rows, size_t in) = 0;
};

// A projection's own memory while it runs; kept between calls.
struct ProjectionScratch {
  FloatBuffer gate;      // of gated weights: f32 [rows, out], grouped [rows, 2 * out]
  ByteBuffer quantized;  // [rows, depth]
  FloatBuffer scale;     // [rows], or [rows, groups]
  FloatBuffer offset;    // [rows], or [rows, groups]
  FloatBuffer outliers;  // [rows, outliers]
  IntBuffer sums;        // [rows, groups] of grouped weights
  ActivationObserver* observer = nullptr;
};

// Immutable after construction, so thread-safe.
class Projection {
 public:
  Projection(size_t in, size_t out) : in_(in), out_(out) {}
  virtual ~Projection() = default;
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  size_t in() const { return in_; }
  size_t out() const { return out_; }

  // y[rows, out] = activation(f(x[rows, in])). `pool` null: on this thread alone. A row's result
  // depends neither on the other rows nor on the number of threads.
  virtual void Forward(ThreadPool* pool, const float* x, size_t rows, float* y,
                       ProjectionScratch& scratch, Activation activation = nullptr) const = 0;

 private:
  size_t in_;
  size_t out_;
};

}  // namespace coderank::nn
