#include "base/checksum.h"

// The header alone has everything, so no library is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace coderank {

uint64_t Checksum64(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

uint64_t Checksum64(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

}  // namespace coderank
