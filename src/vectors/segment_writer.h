// VectorSegmentWriter: makes a segment from a stream of rows, in bounded memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "vectors/rotation.h"
#include "vectors/segment_format.h"

namespace coderank {

struct SegmentPlan {
  Sha256Digest identity{};  // VectorIdentity()
  uint64_t generation = 0;
  uint64_t base_generation = 0;  // of the base that the segment adds to; 0 for a base
  size_t dimension = 0;
  size_t row_count = 0;
  std::vector<int64_t> gone;  // ascending: texts of the base that exist no more
};

// Writes beside the final place and moves the file there whole; a writer that is not finished
// leaves nothing behind. Not thread-safe.
class VectorSegmentWriter {
 public:
  // `kernels` must outlive the writer.
  static Result<VectorSegmentWriter> Create(const std::filesystem::path& path, SegmentPlan plan,
                                            const kernels::KernelSet& kernels);
  VectorSegmentWriter(VectorSegmentWriter&& other) noexcept = default;
  VectorSegmentWriter& operator=(VectorSegmentWriter&&) = delete;
  ~VectorSegmentWriter();

  // row: [dimension] IEEE binary16. Ids ascend strictly.
  Status Add(int64_t text_id, std::span<const uint16_t> row);
  // After exactly `row_count` rows: flushes to the disk and puts the file in place.
  Status Finish();

 private:
  // Collects what goes to consecutive places of the file.
  struct Section {
    uint64_t offset = 0;  // of what is collected
    std::string pending;
  };

  VectorSegmentWriter(std::filesystem::path path, std::filesystem::path temporary, UniqueFd fd,
                      SegmentPlan plan, const kernels::KernelSet& kernels);
  Status Append(Section& section, std::span<const std::byte> bytes);
  Status Flush(Section& section);
  Status WriteAt(uint64_t offset, std::span<const std::byte> bytes);
  Status ReadAt(uint64_t offset, std::span<std::byte> bytes);
  Status WriteMean();
  Status WriteSigns();
  Status AppendSignsOfGroups(Section& signs, std::span<const int8_t> rows,
                             std::span<const float> scales);
  Result<Sha256Digest> HashBody();

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty once it is in place
  UniqueFd fd_;
  SegmentPlan plan_;
  const kernels::KernelSet* kernels_;
  vector_segment_format::Layout layout_;
  Rotation rotation_;
  Section ids_, scales_, rows_;
  size_t added_ = 0;
  int64_t last_id_ = 0;
  std::vector<float> row_;     // [dimension], scratch
  std::vector<int8_t> bytes_;  // [depth], scratch
  std::vector<double> sum_;    // [dimension]
  std::vector<float> mean_;    // [dimension]
};

}  // namespace coderank
