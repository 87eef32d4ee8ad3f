#include "model/model_record.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "coderank/models.h"
#include "json/json.h"
#include "model/calibration_texts.h"
#include "model/group_weights.h"
#include "model/json_config.h"
#include "model/llama_config.h"
#include "model/quantize.h"

namespace coderank {
namespace {

using nlohmann::ordered_json;

constexpr uint64_t kFormatVersion = 1;
// Far above any model, so that sums of sizes cannot overflow.
constexpr uint64_t kMaxFileSize = uint64_t{1} << 50;
constexpr uint64_t kMaxDimension = 1 << 16;
constexpr uint64_t kMaxLength = 1 << 24;

// Relative, and never out of the folder.
bool IsSafePath(const std::filesystem::path& path) {
  if (path.is_absolute()) return false;
  for (const auto& part : path) {
    if (part == "..") return false;
  }
  return true;
}

Result<ModelFile> ReadModelFile(const nlohmann::json& value, std::string_view source) {
  CODERANK_ASSIGN(const JsonConfig json, JsonConfig::FromObject(value, StrCat(source, ": files")));
  ModelFile file;
  CODERANK_ASSIGN(file.path, json.RequiredText("path"));
  if (file.path.empty() || !IsSafePath(file.path)) {
    return json.Unexpected("path", "a path within the model's folder");
  }
  CODERANK_ASSIGN(file.size, json.RequiredInteger("size", 0, kMaxFileSize));
  CODERANK_ASSIGN(file.sha256, json.RequiredText("sha256"));
  if (file.sha256.size() != 2 * sizeof(Sha256Digest)) {
    return json.Unexpected("sha256", "64 hex digits");
  }
  return file;
}

Status ReadFiles(const JsonConfig& json, ModelRecord& record) {
  const auto files = json.object().find("files");
  if (files == json.object().end() || !files->is_array() || files->empty()) {
    return json.Unexpected("files", "a list of files");
  }
  for (const nlohmann::json& value : *files) {
    CODERANK_ASSIGN(ModelFile file, ReadModelFile(value, json.source()));
    record.files.push_back(std::move(file));
  }
  return OkStatus();
}

// Records of embedders have no such field: they are older than the other kind.
Result<ModelKind> ReadKind(const JsonConfig& json) {
  CODERANK_ASSIGN(const std::optional<std::string> kind, json.Text("kind"));
  if (!kind) return ModelKind::kEmbedder;
  for (const ModelKind other : {ModelKind::kCrossEncoder, ModelKind::kGenerator}) {
    if (*kind == ModelKindName(other)) return other;
  }
  return json.Unexpected("kind", "\"cross-encoder\" or \"generator\", or nothing for an embedder");
}

Result<Pooling> ReadPooling(const JsonConfig& json) {
  CODERANK_ASSIGN(const std::string pooling, json.RequiredText("pooling"));
  for (const Pooling known : {Pooling::kCls, Pooling::kMean, Pooling::kLast}) {
    if (pooling == PoolingName(known)) return known;
  }
  return json.Unexpected("pooling", "\"cls\", \"mean\" or \"last\"");
}

Status ReadEmbedding(const JsonConfig& json, ModelRecord& record) {
  CODERANK_ASSIGN(record.pooling, ReadPooling(json));
  CODERANK_ASSIGN(const std::optional<bool> normalize, json.Flag("normalize"));
  if (!normalize) return json.Unexpected("normalize", "true or false");
  record.normalize = *normalize;
  CODERANK_ASSIGN(record.query_prompt, json.RequiredText("query_prompt"));
  CODERANK_ASSIGN(record.document_prompt, json.RequiredText("document_prompt"));
  return OkStatus();
}

// All settings, in a fixed order.
ordered_json Settings(const ModelRecord& record) {
  ordered_json settings;
  if (record.kind != ModelKind::kEmbedder) settings["kind"] = ModelKindName(record.kind);
  settings["architecture"] = record.architecture;
  if (record.kind == ModelKind::kEmbedder) {
    settings["pooling"] = PoolingName(record.pooling);
    settings["normalize"] = record.normalize;
    settings["query_prompt"] = record.query_prompt;
    settings["document_prompt"] = record.document_prompt;
  }
  settings["max_length"] = record.max_length;
  settings["dimension"] = record.dimension;
  settings["precision"] = record.precision;
  return settings;
}

}  // namespace

std::string_view PoolingName(Pooling pooling) {
  switch (pooling) {
    case Pooling::kCls:
      return "cls";
    case Pooling::kLast:
      return "last";
    case Pooling::kMean:
      break;
  }
  return "mean";
}

std::string_view ModelKindName(ModelKind kind) {
  switch (kind) {
    case ModelKind::kCrossEncoder:
      return kCrossEncoderKind;
    case ModelKind::kGenerator:
      return kGeneratorKind;
    case ModelKind::kEmbedder:
      break;
  }
  return kEmbedderKind;
}

Status CheckModelKind(const ModelRecord& record, ModelKind expected) {
  if (record.kind == expected) return OkStatus();
  std::string_view use = "it makes vectors (--model), it does not rerank";
  if (record.kind == ModelKind::kCrossEncoder) {
    use = "it judges pairs (search --rerank cross-encoder --rerank-model)";
  } else if (record.kind == ModelKind::kGenerator) {
    use = "it ranks lists (search --rerank listwise --rerank-model)";
  }
  return InvalidArgument(StrCat("model ", record.name, ": expected a model of kind ",
                                ModelKindName(expected), ", found ", ModelKindName(record.kind),
                                ": ", use, "; `coderank model list` shows the kinds"));
}

std::string ModelRecord::Fingerprint() const {
  ordered_json content = Settings(*this);
  // What is indexed has unit length whatever the model's modules do.
  if (kind == ModelKind::kEmbedder) content["normalize"] = true;
  if (precision != kPrecisionFloat) {
    content["precision"] =
        IsDecoder(architecture)
            ? StrCat(precision, "/groups/", kGroupSchemeVersion)
            : StrCat(precision, "/", kInt8SchemeVersion, "/", kCalibrationTextsVersion);
  }
  for (const ModelFile& file : files) {
    const std::string leaf = std::filesystem::path(file.path).filename().native();
    content["files"].push_back({leaf, file.sha256});
  }
  return ToHex(Sha256Of(ToText(content)));
}

Result<ModelFile> DescribeModelFile(const std::filesystem::path& folder, std::string path,
                                    const CancellationToken* cancel) {
  ModelFile file;
  CODERANK_ASSIGN(const Sha256Digest digest, Sha256OfFile(folder / path, cancel));
  std::error_code error;
  file.size = std::filesystem::file_size(folder / path, error);
  if (error) return Unavailable(StrCat(folder / path, ": ", error.message()));
  file.path = std::move(path);
  file.sha256 = ToHex(digest);
  return file;
}

Status CheckModelFileSizes(const std::filesystem::path& folder, const ModelRecord& record) {
  for (const ModelFile& file : record.files) {
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(folder / file.path, error);
    if (error) {
      return NotFound(StrCat(folder / file.path, ": model ", record.name, ": ", error.message(),
                             "; install the model again"));
    }
    if (size != file.size) {
      return Corrupt(StrCat(folder / file.path, ": model ", record.name, ": expected ", file.size,
                            " bytes, found ", size, "; install the model again"));
    }
  }
  return OkStatus();
}

Status VerifyModelFiles(const std::filesystem::path& folder, const ModelRecord& record,
                        const CancellationToken* cancel) {
  CODERANK_TRY(CheckModelFileSizes(folder, record));
  for (const ModelFile& file : record.files) {
    CODERANK_ASSIGN(const Sha256Digest digest, Sha256OfFile(folder / file.path, cancel));
    if (ToHex(digest) != file.sha256) {
      return Corrupt(StrCat(folder / file.path, ": model ", record.name, ": expected SHA-256 ",
                            file.sha256, ", found ", ToHex(digest), "; install the model again"));
    }
  }
  return OkStatus();
}

std::string WriteModelRecord(const ModelRecord& record) {
  ordered_json json{{"format_version", kFormatVersion},
                    {"name", record.name},
                    {"transformer_folder", record.transformer_folder}};
  json.update(Settings(record));
  for (const ModelFile& file : record.files) {
    json["files"].push_back({{"path", file.path}, {"size", file.size}, {"sha256", file.sha256}});
  }
  json["fingerprint"] = record.Fingerprint();
  return ToText(json, 2) + "\n";
}

Result<ModelRecord> ReadModelRecord(std::string_view text, std::string_view source) {
  CODERANK_ASSIGN(const JsonConfig json, JsonConfig::Parse(text, std::string(source)));
  CODERANK_ASSIGN(const uint64_t version, json.RequiredInteger("format_version", 0, UINT64_MAX));
  if (version != kFormatVersion) {
    return FailedPrecondition(StrCat(source, ": format_version: expected ", kFormatVersion,
                                     ", found ", version, "; install the model again"));
  }
  ModelRecord record;
  CODERANK_ASSIGN(record.name, json.RequiredText("name"));
  CODERANK_ASSIGN(record.architecture, json.RequiredText("architecture"));
  CODERANK_ASSIGN(record.transformer_folder, json.RequiredText("transformer_folder"));
  if (!IsSafePath(record.transformer_folder)) {
    return json.Unexpected("transformer_folder", "a path within the model's folder");
  }
  CODERANK_TRY(ReadFiles(json, record));
  CODERANK_ASSIGN(record.kind, ReadKind(json));
  if (record.kind == ModelKind::kEmbedder) CODERANK_TRY(ReadEmbedding(json, record));
  CODERANK_ASSIGN(record.max_length, json.RequiredInteger("max_length", 2, kMaxLength));
  CODERANK_ASSIGN(record.dimension, json.RequiredInteger("dimension", 1, kMaxDimension));
  CODERANK_ASSIGN(record.precision, json.RequiredText("precision"));
  const bool int4 = record.precision == kPrecisionInt4 && IsDecoder(record.architecture);
  if (record.precision != kPrecisionFloat && record.precision != kPrecisionInt8 && !int4) {
    return json.Unexpected("precision", "\"f32\" or \"int8\", or of a decoder \"int4\"");
  }
  CODERANK_ASSIGN(const std::string fingerprint, json.RequiredText("fingerprint"));
  if (fingerprint != record.Fingerprint()) {
    return Corrupt(StrCat(source, ": fingerprint: expected ", record.Fingerprint(),
                          " for these settings, found ", fingerprint,
                          "; install the model again with --replace"));
  }
  return record;
}

}  // namespace coderank
