// Any bytes as the header of a snapshot: an error or a header that is written the same again.
// Length and checksum are made right first, since who forges a file gets them right.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "base/checksum.h"
#include "snapshot/snapshot_header.h"

namespace {

constexpr size_t kLengthAt = 12;  // snapshot_header.h
constexpr size_t kLeast = 24;     // for length and checksum

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string Sealed(std::string bytes) {
  if (bytes.size() < kLeast) return bytes;
  const auto length = static_cast<uint32_t>(bytes.size());
  std::memcpy(bytes.data() + kLengthAt, &length, sizeof(length));
  const size_t body = bytes.size() - sizeof(uint64_t);
  const uint64_t sum = coderank::Checksum64(std::string_view(bytes).substr(0, body));
  std::memcpy(bytes.data() + body, &sum, sizeof(sum));
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes = Sealed({reinterpret_cast<const char*>(data), size});
  const auto parsed = coderank::ParseHeader(std::as_bytes(std::span(bytes)), "fuzz");
  if (!parsed) return 0;
  Require(parsed->bytes == bytes.size());
  const std::string written = coderank::EncodeHeader(parsed->header);
  const auto again = coderank::ParseHeader(std::as_bytes(std::span(written)), "fuzz");
  Require(again.has_value() && again->header == parsed->header);
  return 0;
}
