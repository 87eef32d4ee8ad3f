#include "store/text_codec.h"

#include <zstd.h>

#include "base/strings.h"

namespace coderank {
namespace {

// zstd's own default: chunk texts are about 1 kB, where higher levels gain under 2 %.
constexpr int kLevel = 3;

}  // namespace

Result<std::vector<std::byte>> CompressText(std::string_view text) {
  std::vector<std::byte> frame(ZSTD_compressBound(text.size()));
  const size_t size = ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), kLevel);
  if (ZSTD_isError(size) != 0) {
    return ResourceExhausted(StrCat("cannot compress a text: ", ZSTD_getErrorName(size)));
  }
  frame.resize(size);
  return frame;
}

Result<std::string> DecompressText(std::span<const std::byte> frame, size_t size) {
  std::string text(size, '\0');
  const size_t got = ZSTD_decompress(text.data(), text.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0) {
    return Corrupt(StrCat("a stored text is damaged: ", ZSTD_getErrorName(got)));
  }
  if (got != size) {
    return Corrupt(StrCat("a stored text is damaged: expected ", size, " bytes, found ", got));
  }
  return text;
}

}  // namespace coderank
