// Grammars meet any bytes. The first byte chooses the language, the rest is the text; the outline
// has to survive the way to the program, and its chunks have to be sound.
//
// The grammars themselves are built without sanitizers: a crash of theirs is what worker processes
// are for, and would still be worth reporting to their authors.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "syntax/chunk_former.h"
#include "syntax/chunks_testing.h"
#include "syntax/languages.h"
#include "syntax/outline_builder.h"
#include "syntax/worker_protocol.h"
#include "text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static coderank::OutlineBuilder builder;
  if (size == 0) return 0;
  const auto languages = coderank::AllLanguages();
  const coderank::Language& language = languages[data[0] % languages.size()];
  const std::string text =
      coderank::ToValidUtf8({reinterpret_cast<const char*>(data) + 1, size - 1});
  const auto outline = builder.Build(language, text);
  if (!outline) return 0;
  const std::string frame = coderank::EncodeOutline(*outline);
  const auto reply =
      coderank::DecodeReply(std::string_view(frame).substr(coderank::kFrameHeaderBytes));
  if (!reply || !reply->failure.empty()) std::abort();
  const coderank::ChunkLimits limits{.target_characters = 50, .maximum_characters = 100};
  const auto chunks = coderank::FormChunks(text, reply->outline, limits);
  if (!coderank::FaultOf(text, chunks, limits).empty()) std::abort();
  return 0;
}
