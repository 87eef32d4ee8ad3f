// The keys and values of a decoder's positions so far, laid out as the matrix products read them.
//
//   keys    of one layer and head: [positions / width][head_size][width]   panels of pack_rows
//   values  of one layer and head: [head_size / width][capacity][width]    panels of pack_columns
//
// with width = KernelSet::panel_width. So nothing is packed again while a text grows, and cutting
// it back to a prefix is a matter of its length.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/kernel_set.h"
#include "nn/buffer.h"

namespace coderank::nn {

struct KvShape {
  size_t layers;
  size_t heads;      // of keys and values
  size_t head_size;  // of one head
  size_t capacity;   // positions at most
};

// Memory is taken from the system as positions fill: 2 * layers * heads * head_size * 4 bytes
// each. Not thread-safe.
class KvCache {
 public:
  KvCache(const kernels::KernelSet& kernels, const KvShape& shape);

  const KvShape& shape() const { return shape_; }
  size_t width() const { return width_; }
  size_t length() const { return length_; }
  // Forgets the positions from `length` on. Precondition: length <= length().
  void Rewind(size_t length) { length_ = length; }

  // Writes keys and values of `rows` positions from length() on, all heads of one layer. The rows
  // begin at `keys` and `values` and are `stride` apart; a row is [heads, head_size]. Precondition:
  // length() + rows <= capacity.
  void Write(size_t layer, const float* keys, const float* values, size_t stride, size_t rows);
  // Once all layers are written.
  void Advance(size_t rows) { length_ += rows; }

  const float* keys(size_t layer, size_t head) const {
    return layers_[layer].keys + head * head_floats_;
  }
  // The first of the panels of a head, which are capacity * width apart.
  const float* values(size_t layer, size_t head) const {
    return layers_[layer].values + head * head_floats_;
  }
  size_t value_panel_floats() const { return shape_.capacity * width_; }

 private:
  struct Layer {
    FloatBuffer storage;
    float* keys;
    float* values;
  };

  KvShape shape_;
  size_t width_;
  size_t head_floats_;  // of the keys or values of one head
  size_t length_ = 0;
  std::vector<Layer> layers_;
};

}  // namespace coderank::nn
