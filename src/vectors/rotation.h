// A fixed rotation of all vectors, after which their coordinates are alike.
//
// Signs weigh every coordinate alike, and bytes share one scale; both are poor where a few
// coordinates carry most of a vector, as those of text models do. A rotation changes no product of
// two vectors, and after this one each coordinate is a sum over very many others.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace coderank {

// Immutable, so thread-safe.
class Rotation {
 public:
  explicit Rotation(size_t dimension);

  // In place; [dimension].
  void Apply(std::span<float> vector) const;

 private:
  std::vector<float> signs_;  // [kRounds, block], +-1 / sqrt(block)
  size_t block_;              // the largest power of two within the dimension
};

}  // namespace coderank
