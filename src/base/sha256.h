// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank {

using Sha256Digest = std::array<uint8_t, 32>;

// Incremental hashing. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::span<const std::byte> bytes);
  void Update(std::string_view text);
  // Ends the computation; call once.
  Sha256Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256Digest Sha256Of(std::string_view text);
// kCancelled when told so: large files take seconds.
Result<Sha256Digest> Sha256OfFile(const std::filesystem::path& path,
                                  const CancellationToken* cancel = nullptr);
std::string ToHex(std::span<const uint8_t> bytes);  // lower case

}  // namespace coderank
