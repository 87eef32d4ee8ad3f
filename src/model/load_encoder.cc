#include "model/load_encoder.h"

#include <new>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/architectures.h"
#include "model/encoder_fit.h"
#include "model/float_layers.h"
#include "model/json_config.h"
#include "model/model_folder.h"
#include "model/pack_model.h"
#include "model/packed_layers.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

constexpr std::string_view kPackedName = "int8.pack";

Result<std::unique_ptr<SentenceEncoder>> MakeEncoder(const std::filesystem::path& folder,
                                                     const ModelRecord& record, LayerSource& layers,
                                                     const kernels::KernelSet& kernels,
                                                     ThreadPool& pool) {
  const std::filesystem::path transformer = folder / record.transformer_folder;
  CODERANK_ASSIGN(const JsonConfig config, LoadModelConfig(transformer));
  auto load = FindArchitecture(record.architecture);
  if (!load) return load.error().WithContext(StrCat("model ", record.name));
  CODERANK_ASSIGN(std::unique_ptr<Encoder> encoder, (*load)(config, layers, kernels));
  CODERANK_TRY(CheckEncoderFits(*encoder, record));
  return std::make_unique<SentenceEncoder>(std::move(encoder), record, kernels, pool);
}

// A folder that cannot be written to, or whose disk is full.
bool MayWorkElsewhere(const Status& status) {
  return status.code() == StatusCode::kPermissionDenied ||
         status.code() == StatusCode::kResourceExhausted;
}

Status Unwritable(const Status& status, const ModelRecord& record) {
  return status.WithContext(
      StrCat("model ", record.name,
             ": its packed weights can be kept neither beside it nor in the cache folder; make one "
             "of them writable, or use --precision f32"));
}

Status OutOfMemory(const ModelRecord& record) {
  return ResourceExhausted(StrCat("model ", record.name, ": out of memory while loading"));
}

Result<std::shared_ptr<const PackedFile>> OpenOrPack(const std::filesystem::path& path,
                                                     const std::filesystem::path& folder,
                                                     const ModelRecord& record,
                                                     const Tokenizer& tokenizer,
                                                     const kernels::KernelSet& kernels,
                                                     ThreadPool& pool) {
  auto found = PackedFile::Open(path, PackIdentity(record));
  if (!found) {
    CODERANK_TRY(PackModel(folder, record, tokenizer, kernels, pool, path));
    found = PackedFile::Open(path, PackIdentity(record));
    if (!found) return found.error();
  }
  return std::make_shared<const PackedFile>(*std::move(found));
}

Status VerifyPacked(const std::filesystem::path& path, const ModelRecord& record) {
  const auto packed = PackedFile::Open(path, PackIdentity(record));
  // None, or one of another precision or version: there is nothing to verify.
  if (!packed && packed.error().code() != StatusCode::kCorrupt) return OkStatus();
  Status whole = packed ? packed->Verify() : packed.error();
  if (whole.ok()) return whole;
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return whole.WithContext(
      "the packed weights were damaged and have been removed; the next use "
      "makes them again");
}

}  // namespace

Result<std::unique_ptr<SentenceEncoder>> LoadSentenceEncoder(const std::filesystem::path& folder,
                                                             const ModelRecord& record,
                                                             const kernels::KernelSet& kernels,
                                                             ThreadPool& pool) {
  CODERANK_TRY(CheckModelKind(record, ModelKind::kEmbedder));
  CODERANK_TRY(CheckModelFileSizes(folder, record));
  try {
    CODERANK_ASSIGN(const WeightFiles files, WeightFiles::Open(folder / record.transformer_folder));
    FloatLayers layers(files, kernels);
    return MakeEncoder(folder, record, layers, kernels, pool);
  } catch (const std::bad_alloc&) {
    return OutOfMemory(record);
  }
}

Result<std::unique_ptr<SentenceEncoder>> LoadPackedEncoder(const std::filesystem::path& folder,
                                                           const ModelRecord& record,
                                                           std::shared_ptr<const PackedFile> packed,
                                                           const kernels::KernelSet& kernels,
                                                           ThreadPool& pool) {
  CODERANK_TRY(CheckModelKind(record, ModelKind::kEmbedder));
  CODERANK_TRY(CheckModelFileSizes(folder, record));
  try {
    PackedLayers layers(std::move(packed), kernels);
    return MakeEncoder(folder, record, layers, kernels, pool);
  } catch (const std::bad_alloc&) {
    return OutOfMemory(record);
  }
}

std::filesystem::path PackedPath(const std::filesystem::path& folder) {
  return folder / kPackedName;
}

std::filesystem::path PackedPath(const std::filesystem::path& other_folder,
                                 const ModelRecord& record) {
  return other_folder / StrCat(ToHex(PackIdentity(record)), ".", kPackedName);
}

Status VerifyPackedModel(const std::filesystem::path& folder,
                         const std::filesystem::path& other_folder, const ModelRecord& record) {
  CODERANK_TRY(VerifyPacked(PackedPath(folder), record));
  if (other_folder.empty()) return OkStatus();
  return VerifyPacked(PackedPath(other_folder, record), record);
}

Result<std::shared_ptr<const PackedFile>> OpenPackedModel(const std::filesystem::path& folder,
                                                          const std::filesystem::path& other_folder,
                                                          const ModelRecord& record,
                                                          const Tokenizer& tokenizer,
                                                          const kernels::KernelSet& kernels,
                                                          ThreadPool& pool) {
  CODERANK_TRY(CheckModelFileSizes(folder, record));
  try {
    auto beside = OpenOrPack(PackedPath(folder), folder, record, tokenizer, kernels, pool);
    if (beside || other_folder.empty() || !MayWorkElsewhere(beside.error())) return beside;
    const Status made = CreatePrivateFolder(other_folder);
    if (!made.ok()) return Unwritable(made, record);
    auto elsewhere =
        OpenOrPack(PackedPath(other_folder, record), folder, record, tokenizer, kernels, pool);
    if (!elsewhere && MayWorkElsewhere(elsewhere.error())) {
      return Unwritable(elsewhere.error(), record);
    }
    return elsewhere;
  } catch (const std::bad_alloc&) {
    return OutOfMemory(record);
  }
}

}  // namespace coderank
