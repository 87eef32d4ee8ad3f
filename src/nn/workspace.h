// The buffers of one running forward pass.
#pragma once

#include <vector>

#include "nn/attention.h"
#include "nn/buffer.h"
#include "nn/row_blocks.h"

namespace coderank::nn {

// For one forward pass at a time; kept between passes so that its memory is reused.
struct Workspace {
  FloatBuffer hidden;   // [tokens, hidden]
  FloatBuffer qkv;      // [tokens, 3 * hidden]
  FloatBuffer context;  // [tokens, hidden]
  std::vector<BlockScratch> blocks;
  std::vector<AttentionScratch> attention;
};

}  // namespace coderank::nn
