// What the tests of this layer share: reproducible vectors, and segments of them.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/strings.h"
#include "kernels/kernel_set.h"
#include "vectors/rotation.h"
#include "vectors/segment_writer.h"
#include "vectors/vector_segment.h"

namespace coderank {

using Vector = std::vector<float>;

struct TextVector {
  int64_t id;
  Vector vector;
};

inline const Sha256Digest kTestIdentity = VectorIdentity("index", "fingerprint");

inline const kernels::KernelSet& ScalarKernels() { return *kernels::AllKernelSets().front(); }

inline std::vector<const kernels::KernelSet*> AvailableKernels() {
  std::vector<const kernels::KernelSet*> sets;
  for (const kernels::KernelSet* set : kernels::AllKernelSets()) {
    if (kernels::DetectCpuFeatures().Includes(set->required)) sets.push_back(set);
  }
  return sets;
}

// About normal (the sum of four uniforms), the same on every machine.
class RandomVectors {
 public:
  explicit RandomVectors(uint64_t seed) : state_(seed * 2 + 1) {}

  float Next() {
    double sum = 0;
    for (int i = 0; i < 4; ++i) sum += Uniform();
    return static_cast<float>((sum - 2) * std::sqrt(3.0));
  }
  // centre + deviation * noise, of unit length.
  Vector Around(const Vector& centre, float deviation) {
    Vector v(centre);
    double squares = 0;
    for (float& x : v) {
      x += deviation * Next();
      squares += static_cast<double>(x) * x;
    }
    for (float& x : v) x = static_cast<float>(x / std::sqrt(squares));
    return v;
  }
  Vector Unit(size_t dimension) { return Around(Vector(dimension, 0), 1); }

 private:
  double Uniform() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  uint64_t state_;
};

// As the store keeps it.
inline std::vector<uint16_t> HalfRow(std::span<const float> row) {
  std::vector<uint16_t> halves(row.size());
  ScalarKernels().f32_to_f16(row.data(), row.size(), halves.data());
  return halves;
}

// The row as a segment has it before it is made int8.
inline Vector RotatedRow(std::span<const float> row) {
  Vector rotated(row.size());
  ScalarKernels().f16_to_f32(HalfRow(row).data(), row.size(), rotated.data());
  Rotation(row.size()).Apply(rotated);
  return rotated;
}

inline Status WriteSegment(const std::filesystem::path& path, SegmentPlan plan,
                           std::span<const TextVector> texts,
                           const kernels::KernelSet& kernels = ScalarKernels()) {
  plan.identity = kTestIdentity;
  plan.row_count = texts.size();
  if (!texts.empty()) plan.dimension = texts.front().vector.size();
  auto writer = VectorSegmentWriter::Create(path, plan, kernels);
  if (!writer) return writer.error();
  for (const TextVector& text : texts) {
    if (Status added = writer->Add(text.id, HalfRow(text.vector)); !added.ok()) return added;
  }
  return writer->Finish();
}

}  // namespace coderank
