#include "model/model_folder.h"

#include "base/try.h"
#include "model/gguf.h"
#include "model/gguf_encoder.h"
#include "model/weight_files.h"

namespace coderank {

Result<JsonConfig> LoadEncoderConfig(const std::filesystem::path& folder) {
  CODERANK_ASSIGN(const auto path, FindGguf(folder));
  if (!path) return JsonConfig::Load(folder / "config.json");
  CODERANK_ASSIGN(const GgufFile gguf, GgufFile::Open(*path));
  return GgufEncoderConfig(gguf.content);
}

Result<std::unique_ptr<Tokenizer>> LoadModelTokenizer(const std::filesystem::path& folder) {
  CODERANK_ASSIGN(const auto path, FindGguf(folder));
  if (!path) return LoadTokenizer(folder);
  CODERANK_ASSIGN(const GgufFile gguf, GgufFile::Open(*path));
  CODERANK_ASSIGN(const GgufVocabulary vocabulary, ReadGgufVocabulary(gguf.content));
  return MakeGgufTokenizer(vocabulary, path->native());
}

}  // namespace coderank
