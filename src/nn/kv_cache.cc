#include "nn/kv_cache.h"

#include <algorithm>

namespace coderank::nn {
namespace {

size_t RoundUp(size_t count, size_t step) { return (count + step - 1) / step * step; }

}  // namespace

KvCache::KvCache(const kernels::KernelSet& kernels, const KvShape& shape)
    : shape_(shape), width_(kernels.panel_width), layers_(shape.layers) {
  shape_.capacity = RoundUp(shape.capacity, width_);
  head_floats_ = shape_.capacity * RoundUp(shape.head_size, width_);
  for (Layer& layer : layers_) {
    layer.keys = layer.storage.Reserve(2 * shape.heads * head_floats_);
    layer.values = layer.keys + shape.heads * head_floats_;
  }
}

void KvCache::Write(size_t layer, const float* keys, const float* values, size_t stride,
                    size_t rows) {
  const size_t size = shape_.head_size;
  for (size_t row = 0; row < rows; ++row) {
    const size_t position = length_ + row;
    for (size_t head = 0; head < shape_.heads; ++head) {
      const float* key = keys + row * stride + head * size;
      const float* value = values + row * stride + head * size;
      float* to_key = layers_[layer].keys + head * head_floats_ +
                      position / width_ * size * width_ + position % width_;
      for (size_t i = 0; i < size; ++i) to_key[i * width_] = key[i];
      float* to_value = layers_[layer].values + head * head_floats_ + position * width_;
      for (size_t i = 0; i < size; i += width_) {
        std::copy_n(value + i, std::min(width_, size - i), to_value + i * shape_.capacity);
      }
    }
  }
}

}  // namespace coderank::nn
