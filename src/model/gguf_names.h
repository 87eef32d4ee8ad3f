// Tensor names of GGUF files, as those who publish safetensors call them.
#pragma once

#include <string>
#include <string_view>

namespace coderank {

// "blk.3.attn_qkv.weight" of nomic-bert is "encoder.layers.3.attn.Wqkv.weight". Names that are not
// in the tables, and those of other architectures, stay as they are.
std::string PublishedTensorName(std::string_view architecture, std::string_view name);

}  // namespace coderank
