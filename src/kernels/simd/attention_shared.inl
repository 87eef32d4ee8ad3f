// What both ways to compute attention need, over the vector vocabulary of vec_<isa>.inl. Included
// inside the set's namespace.

namespace {

inline size_t RoundUp(size_t count, size_t step) { return (count + step - 1) / step * step; }

inline Vec LoadUpTo(const float* p, size_t count) {
  return count >= kLanes ? Load(p) : LoadFirst(p, count);
}

// Hands out parts of a call's memory, each on a cache line; without memory it only counts.
struct Arena {
  char* memory;
  size_t used;

  template <typename T>
  void Place(T*& part, size_t count) {
    part = memory == nullptr ? nullptr : reinterpret_cast<T*>(memory + used);
    used += RoundUp(count * sizeof(T), 64);
  }
};

}  // namespace
