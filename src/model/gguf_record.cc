#include "model/gguf_record.h"

#include <algorithm>

#include "base/strings.h"
#include "base/try.h"
#include "model/encoder_size.h"
#include "model/gguf.h"
#include "model/gguf_encoder.h"
#include "model/known_models.h"
#include "model/llama_config.h"
#include "model/model_folder.h"

namespace coderank {
namespace {

Status ReadKnownPrompt(const GgufMetadata& metadata, const std::string& file_name,
                       ModelRecord& record) {
  CODERANK_ASSIGN(const auto name, metadata.Text("general.name"));
  CODERANK_ASSIGN(const auto base_name, metadata.Text("general.basename"));
  const std::string_view names[] = {record.name, name.value_or(""), base_name.value_or(""),
                                    file_name};
  if (const KnownPrompt* known = FindKnownPrompt(names)) record.query_prompt = known->query_prompt;
  return OkStatus();
}

}  // namespace

Result<ModelRecord> DeriveGgufRecord(const std::filesystem::path& file, std::string_view name,
                                     const CancellationToken* cancel) {
  CODERANK_ASSIGN(const GgufFile gguf, GgufFile::Open(file));
  CODERANK_ASSIGN(const JsonConfig config, GgufConfig(gguf.content));
  ModelRecord record;
  record.name = name;
  CODERANK_ASSIGN(record.architecture, config.RequiredText("model_type"));
  if (IsDecoder(record.architecture) && !HasPooling(gguf.content)) {
    record.kind = ModelKind::kGenerator;
  }
  CODERANK_ASSIGN(const EncoderSize size, ReadEncoderSize(config, record.architecture));
  CODERANK_ASSIGN(const uint64_t context, GgufContextLength(gguf.content));
  record.dimension = size.dimension;
  record.max_length = std::min(size.max_length, context);
  if (record.kind == ModelKind::kEmbedder) {
    CODERANK_ASSIGN(record.pooling, GgufPooling(gguf.content));
    CODERANK_TRY(ReadKnownPrompt(gguf.content.metadata, file.stem().native(), record));
  }
  CODERANK_ASSIGN(ModelFile described,
                  DescribeModelFile(file.parent_path(), file.filename().native(), cancel));
  record.files.push_back(std::move(described));
  return record;
}

}  // namespace coderank
