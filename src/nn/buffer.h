// Working memory that is allocated once and grows: no allocation in the steady state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace coderank::nn {

// Uninitialised numbers, aligned to a cache line. Not thread-safe.
template <typename T>
class Buffer {
 public:
  // Room for `count` elements. The content is lost when the buffer has to grow.
  T* Reserve(size_t count) {
    if (count > capacity_) {
      data_.reset();
      data_.reset(static_cast<T*>(::operator new(count * sizeof(T), kAlignment)));
      capacity_ = count;
    }
    return data_.get();
  }

  // What Reserve gave last; null before.
  T* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(T* p) const { ::operator delete(p, kAlignment); }
  };
  std::unique_ptr<T, Free> data_;
  size_t capacity_ = 0;
};

using FloatBuffer = Buffer<float>;
using ByteBuffer = Buffer<uint8_t>;
using IntBuffer = Buffer<int32_t>;

}  // namespace coderank::nn
