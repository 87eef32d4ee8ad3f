// What a parser process says is untrusted: any bytes must give sound chunks of any text, or an
// error.
//
// The input is a text, a NUL, and the body of a reply.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "syntax/chunk_former.h"
#include "syntax/chunks_testing.h"
#include "syntax/worker_protocol.h"
#include "text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t split = input.find('\0');
  if (split == std::string_view::npos) return 0;
  const std::string text = coderank::ToValidUtf8(input.substr(0, split));
  const auto reply = coderank::DecodeReply(input.substr(split + 1));
  if (!reply) return 0;
  // As small as the limits can usefully be, so that short inputs are cut.
  const coderank::ChunkLimits limits{.target_characters = 10, .maximum_characters = 20};
  const auto chunks = coderank::FormChunks(text, reply->outline, limits);
  if (!coderank::FaultOf(text, chunks, limits).empty()) std::abort();
  return 0;
}
