#include "model/model_folder.h"

#include "base/try.h"
#include "model/gguf.h"
#include "model/gguf_decoder.h"
#include "model/gguf_encoder.h"
#include "model/llama_config.h"
#include "model/weight_files.h"

namespace coderank {

Result<JsonConfig> GgufConfig(const Gguf& gguf) {
  CODERANK_ASSIGN(const std::string_view architecture,
                  gguf.metadata.RequiredText("general.architecture"));
  return IsDecoder(architecture) ? GgufDecoderConfig(gguf) : GgufEncoderConfig(gguf);
}

Result<JsonConfig> LoadModelConfig(const std::filesystem::path& folder) {
  CODERANK_ASSIGN(const auto path, FindGguf(folder));
  if (!path) return JsonConfig::Load(folder / "config.json");
  CODERANK_ASSIGN(const GgufFile gguf, GgufFile::Open(*path));
  return GgufConfig(gguf.content);
}

Result<std::unique_ptr<Tokenizer>> LoadModelTokenizer(const std::filesystem::path& folder) {
  CODERANK_ASSIGN(const auto path, FindGguf(folder));
  if (!path) return LoadTokenizer(folder);
  CODERANK_ASSIGN(const GgufFile gguf, GgufFile::Open(*path));
  CODERANK_ASSIGN(const GgufVocabulary vocabulary, ReadGgufVocabulary(gguf.content));
  return MakeGgufTokenizer(vocabulary, path->native());
}

}  // namespace coderank
