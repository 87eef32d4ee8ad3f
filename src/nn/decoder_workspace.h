// The buffers of one running forward pass of a decoder.
#pragma once

#include <vector>

#include "nn/buffer.h"
#include "nn/causal_attention.h"
#include "nn/projection.h"

namespace coderank::nn {

// For one forward pass at a time; kept between passes so that its memory is reused.
struct DecoderWorkspace {
  FloatBuffer hidden;      // [rows, hidden]: what the layers add to
  FloatBuffer normalized;  // [rows, hidden]
  FloatBuffer qkv;         // [rows, heads and twice the heads of keys, head_size]
  FloatBuffer context;     // [rows, heads * head_size]
  FloatBuffer inner;       // [rows, intermediate]
  FloatBuffer projected;   // [rows, hidden]
  FloatBuffer cos;         // [rows, head_size / 2]
  FloatBuffer sin;         // [rows, head_size / 2]
  ProjectionScratch projection;
  std::vector<CausalScratch> attention;
};

}  // namespace coderank::nn
