// Any bytes as a vector segment: an error, or an index that can be searched. The checksum of the
// header is made right first, since a file can be made with any content and a right checksum.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/sha256.h"
#include "base/thread_pool.h"
#include "kernels/kernel_set.h"
#include "vectors/vector_index.h"

namespace {

using coderank::Sha256Digest;
using coderank::VectorIndex;
using coderank::VectorSegment;
namespace format = coderank::vector_segment_format;

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Free {
  void operator()(std::byte* p) const { std::free(p); }
};

// Aligned as a mapping is.
std::unique_ptr<std::byte, Free> AlignedCopy(std::span<const uint8_t> from) {
  const size_t size = std::max<size_t>((from.size() + 63) / 64 * 64, 64);
  std::unique_ptr<std::byte, Free> copy(static_cast<std::byte*>(std::aligned_alloc(64, size)));
  std::copy(from.begin(), from.end(), reinterpret_cast<uint8_t*>(copy.get()));
  return copy;
}

void SearchEveryWay(const VectorIndex& index) {
  if (index.dimension() > 4096) return;  // the time would go into rotating the query
  coderank::ThreadPool pool(1);
  const coderank::ScanResources resources{*coderank::kernels::AllKernelSets().front(), pool};
  const std::vector<float> query(index.dimension(), 0.25F);
  const auto odd = index.Select([](int64_t id) { return id % 2 != 0; });
  for (const auto method : {coderank::ScanMethod::kExact, coderank::ScanMethod::kSigns}) {
    for (const auto* selection : {static_cast<const VectorIndex::Selection*>(nullptr), &odd}) {
      const auto hits = index.Search(query, 3, selection, resources, method);
      Require(hits && hits->size() <= 3);
      for (size_t i = 1; i < hits->size(); ++i) {
        Require((*hits)[i - 1].score >= (*hits)[i].score);
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto copy = AlignedCopy(std::span(data, size));
  const std::span<std::byte> bytes(copy.get(), size);
  Sha256Digest identity{};
  if (size >= format::kHeaderBytes) {
    std::memcpy(identity.data(), bytes.data() + format::kIdentityAt, identity.size());
    const Sha256Digest sum = coderank::Sha256Of(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), format::kHashAt));
    std::memcpy(bytes.data() + format::kHashAt, sum.data(), sum.size());
  }
  auto segment = VectorSegment::Parse(bytes, "fuzz", identity);
  if (!segment) return 0;
  static_cast<void>(segment->Verify().ok());
  // The same bytes as a base and as its own delta.
  auto delta = VectorSegment::Parse(bytes, "fuzz", identity);
  Require(delta.has_value());
  std::optional<VectorSegment> as_delta;
  if (delta->base_generation() == segment->generation()) as_delta = *std::move(delta);
  const auto index = VectorIndex::Make(*std::move(segment), std::move(as_delta));
  Require(index.has_value());
  SearchEveryWay(*index);
  return 0;
}
