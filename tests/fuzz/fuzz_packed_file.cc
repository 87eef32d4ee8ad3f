// Any bytes as a packed file: an error or sections that lie within the bytes; as a model's layers,
// an error or layers that can be run. The checksum is made right first, since a file can be made
// with any content and a right checksum; without that, hardly a mutation would get past it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/sha256.h"
#include "model/packed_format.h"
#include "model/packed_layers.h"

namespace {

using coderank::PackedFile;
using coderank::PackedLayers;

void Require(bool condition) {
  if (!condition) std::abort();
}

// A header's directory offset and checksum are at these places (packed_file.h).
constexpr size_t kIdentityAt = 16;
constexpr size_t kDirectoryAt = 64;
constexpr size_t kChecksumAt = 112;

// Aligned as a mapping is.
struct AlignedBytes {
  explicit AlignedBytes(std::span<const uint8_t> from)
      : size(from.size()),
        data(static_cast<std::byte*>(
            std::aligned_alloc(64, std::max<size_t>((size + 63) / 64 * 64, 64)))) {
    std::copy(from.begin(), from.end(), reinterpret_cast<uint8_t*>(data.get()));
  }
  std::span<std::byte> bytes() const { return {data.get(), size}; }

  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  size_t size;
  std::unique_ptr<std::byte, Free> data;
};

void Seal(std::span<std::byte> bytes) {
  if (bytes.size() < coderank::packed_format::kHeaderBytes) return;
  uint64_t directory = 0;
  std::memcpy(&directory, bytes.data() + kDirectoryAt, sizeof(directory));
  if (directory > bytes.size()) return;
  coderank::Sha256 hash;
  hash.Update(bytes.first(kChecksumAt));
  hash.Update(bytes.subspan(static_cast<size_t>(directory)));
  const coderank::Sha256Digest sum = hash.Finish();
  std::memcpy(bytes.data() + kChecksumAt, sum.data(), sum.size());
}

// The layers of a tiny architecture; the seeds are files of it.
void RunLayers(std::shared_ptr<const PackedFile> file) {
  const coderank::kernels::KernelSet& kernels = *coderank::kernels::AllKernelSets().front();
  PackedLayers layers(std::move(file), kernels);
  std::vector<float> x(5, 0.5F);
  std::vector<float> y(9);
  coderank::nn::ProjectionScratch scratch;
  const coderank::ProjectionSpec specs[] = {
      {.weights = {"w"}, .biases = {"bias"}, .in = 5, .out = 9},
      {.weights = {"up", "gate"}, .biases = {}, .in = 5, .out = 9, .gated = true}};
  for (const coderank::ProjectionSpec& spec : specs) {
    if (const auto made = layers.Projection(spec)) {
      (*made)->Forward(nullptr, x.data(), 1, y.data(), scratch);
    }
  }
  if (const auto norm = layers.Norm({.gamma = "g", .beta = "b", .n = 5, .epsilon = 1e-12F})) {
    norm->Forward(nullptr, x.data(), nullptr, 1, x.data());
  }
  if (const auto table = layers.Embedding("t", 3, 5)) {
    for (size_t row = 0; row < 3; ++row) table->Read(row, x.data());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const AlignedBytes copy(std::span(data, size));
  const auto bytes = copy.bytes();
  coderank::Sha256Digest identity{};
  if (size >= kIdentityAt + identity.size()) {
    std::memcpy(identity.data(), bytes.data() + kIdentityAt, identity.size());
  }
  Seal(bytes);
  auto parsed = PackedFile::Parse(bytes, "fuzz", identity);
  if (!parsed) return 0;
  static_cast<void>(parsed->Verify().ok());
  for (const char* name : {"w#panels", "g", "t"}) {
    const auto section = parsed->Numbers<uint8_t>(name);
    if (!section) continue;
    const auto* begin = reinterpret_cast<const std::byte*>(section->data());
    Require(begin >= bytes.data() && begin + section->size() <= bytes.data() + bytes.size());
  }
  RunLayers(std::make_shared<const PackedFile>(*std::move(parsed)));
  return 0;
}
