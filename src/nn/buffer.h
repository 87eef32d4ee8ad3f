// Working memory that is allocated once and grows: no allocation in the steady state.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace coderank::nn {

// Uninitialised f32, aligned to a cache line. Not thread-safe.
class FloatBuffer {
 public:
  // Room for `count` floats. The content is lost when the buffer has to grow.
  float* Reserve(size_t count) {
    if (count > capacity_) {
      data_.reset();
      data_.reset(static_cast<float*>(::operator new(count * sizeof(float), kAlignment)));
      capacity_ = count;
    }
    return data_.get();
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(float* p) const { ::operator delete(p, kAlignment); }
  };
  std::unique_ptr<float, Free> data_;
  size_t capacity_ = 0;
};

}  // namespace coderank::nn
