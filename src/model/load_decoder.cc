#include "model/load_decoder.h"

#include <unistd.h>

#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "model/encoder_fit.h"
#include "model/float_layers.h"
#include "model/gguf.h"
#include "model/gguf_decoder.h"
#include "model/grouped_layers.h"
#include "model/json_config.h"
#include "model/llama.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

// The GGUF file that `path` is or holds.
Result<std::optional<std::filesystem::path>> GgufOf(const std::filesystem::path& path) {
  if (IsGgufPath(path)) return std::optional(path);
  return FindGguf(path);
}

Result<JsonConfig> ReadConfig(const std::filesystem::path& path) {
  CODERANK_ASSIGN(const auto gguf, GgufOf(path));
  if (!gguf) return JsonConfig::Load(path / "config.json");
  CODERANK_ASSIGN(const GgufFile file, GgufFile::Open(*gguf));
  return GgufDecoderConfig(file.content);
}

std::optional<GroupBits> BitsOf(DecoderPrecision precision) {
  if (precision == DecoderPrecision::kInt8) return GroupBits::kEight;
  if (precision == DecoderPrecision::kInt4) return GroupBits::kFour;
  return std::nullopt;
}

// One load: what all of its steps need.
class Loader {
 public:
  Loader(const std::filesystem::path& path, const DecoderOptions& options,
         const kernels::KernelSet& kernels, ThreadPool& pool)
      : path_(path), options_(options), kernels_(kernels), pool_(pool) {}

  Result<std::unique_ptr<Decoder>> Load() const {
    CODERANK_ASSIGN(const JsonConfig config, ReadConfig(path_));
    if (options_.precision != DecoderPrecision::kFloat && !options_.pack_folder.empty()) {
      CODERANK_ASSIGN(auto packed, OpenOrPack(config));
      PackedGroupedLayers layers(std::move(packed), kernels_);
      return LoadLlama(config, layers, kernels_);
    }
    CODERANK_ASSIGN(const WeightFiles files, WeightFiles::Open(path_));
    if (options_.precision == DecoderPrecision::kFloat) {
      FloatLayers layers(files, kernels_);
      return LoadLlama(config, layers, kernels_);
    }
    QuantizingLayers layers(files, kernels_, pool_, BitsOf(options_.precision));
    return LoadLlama(config, layers, kernels_);
  }

 private:
  // Names, sizes and times of the weight files, and all else that decides what a packed file holds.
  Result<Sha256Digest> PackIdentity() const {
    std::vector<std::filesystem::path> files{path_};
    if (!IsGgufPath(path_)) {
      CODERANK_ASSIGN(const auto names, WeightFileNames(path_));
      files.clear();
      for (const std::string& name : names) files.push_back(path_ / name);
    }
    Sha256 hash;
    hash.Update(StrCat("decoder pack ", kGroupSchemeVersion, " ",
                       static_cast<int>(options_.precision), "\n"));
    for (const std::filesystem::path& file : files) {
      std::error_code error;
      const auto size = std::filesystem::file_size(file, error);
      const auto time = std::filesystem::last_write_time(file, error);
      if (error) return ErrnoStatus(error.value(), file, "cannot read");
      hash.Update(StrCat(file.filename(), " ", size, " ", time.time_since_epoch().count(), "\n"));
    }
    return hash.Finish();
  }

  Status Pack(const JsonConfig& config, const Sha256Digest& identity,
              const std::filesystem::path& to) const {
    CODERANK_ASSIGN(const WeightFiles files, WeightFiles::Open(path_));
    CODERANK_TRY(CreatePrivateFolder(options_.pack_folder));
    CODERANK_ASSIGN(PackedFileWriter writer, PackedFileWriter::Create(to, identity));
    QuantizingLayers layers(files, kernels_, pool_, BitsOf(options_.precision), &writer);
    const auto loaded = LoadLlama(config, layers, kernels_);
    return loaded ? writer.Finish() : loaded.error();
  }

  Result<std::shared_ptr<const PackedFile>> OpenOrPack(const JsonConfig& config) const {
    CODERANK_ASSIGN(const Sha256Digest identity, PackIdentity());
    const auto packed = options_.pack_folder / StrCat(ToHex(identity), ".decoder.pack");
    auto found = PackedFile::Open(packed, identity);
    if (!found) {
      CODERANK_TRY(Pack(config, identity, packed));
      found = PackedFile::Open(packed, identity);
      if (!found) return found.error();
    }
    return std::make_shared<const PackedFile>(*std::move(found));
  }

  const std::filesystem::path& path_;
  const DecoderOptions& options_;
  const kernels::KernelSet& kernels_;
  ThreadPool& pool_;
};

}  // namespace

Result<std::shared_ptr<const Decoder>> LoadDecoderWeights(const std::filesystem::path& path,
                                                          const DecoderOptions& options,
                                                          const kernels::KernelSet& kernels,
                                                          ThreadPool& pool) {
  try {
    CODERANK_ASSIGN(auto decoder, Loader(path, options, kernels, pool).Load());
    return std::shared_ptr<const Decoder>(std::move(decoder));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(StrCat(path, ": out of memory while loading the decoder"));
  }
}

Result<std::unique_ptr<BytePairTokenizer>> LoadDecoderTokenizer(const std::filesystem::path& path) {
  CODERANK_ASSIGN(const auto gguf, GgufOf(path));
  if (!gguf) return LoadBytePairTokenizer(path);
  CODERANK_ASSIGN(const GgufFile file, GgufFile::Open(*gguf));
  CODERANK_ASSIGN(const GgufBytePairs values, ReadGgufBytePairs(file.content));
  return MakeGgufBytePairTokenizer(values, gguf->native());
}

Result<std::shared_ptr<const Decoder>> LoadInstalledDecoder(
    const std::filesystem::path& folder, const ModelRecord& record,
    const kernels::KernelSet& kernels, ThreadPool& pool, const std::filesystem::path& pack_folder) {
  CODERANK_TRY(CheckModelFileSizes(folder, record));
  const bool may_pack_here = ::access(folder.c_str(), W_OK) == 0;
  DecoderOptions options{.precision = DecoderPrecision::kFloat,
                         .pack_folder = may_pack_here ? folder : pack_folder};
  if (record.precision == kPrecisionInt8) options.precision = DecoderPrecision::kFile;
  if (record.precision == kPrecisionInt4) options.precision = DecoderPrecision::kInt4;
  auto decoder = LoadDecoderWeights(folder / record.transformer_folder, options, kernels, pool);
  if (!decoder) return decoder.error().WithContext(StrCat("model ", record.name));
  if ((*decoder)->hidden_size() == record.dimension) return decoder;
  return Corrupt(StrCat("model ", record.name, ": expected dimension ", record.dimension,
                        ", found ", (*decoder)->hidden_size(), "; install the model again"));
}

Result<LoadedDecoder> LoadGenerator(const std::filesystem::path& folder, const ModelRecord& record,
                                    const kernels::KernelSet& kernels, ThreadPool& pool,
                                    const std::filesystem::path& pack_folder) {
  CODERANK_TRY(CheckModelKind(record, ModelKind::kGenerator));
  LoadedDecoder loaded;
  CODERANK_ASSIGN(loaded.tokenizer, LoadDecoderTokenizer(folder / record.transformer_folder));
  CODERANK_ASSIGN(loaded.decoder, LoadInstalledDecoder(folder, record, kernels, pool, pack_folder));
  CODERANK_TRY(
      CheckTokenizerFits(*loaded.tokenizer, loaded.decoder->vocabulary_size(), record.name));
  return loaded;
}

Result<LoadedDecoder> LoadDecoder(const std::filesystem::path& path, const DecoderOptions& options,
                                  const kernels::KernelSet& kernels, ThreadPool& pool) {
  LoadedDecoder loaded;
  CODERANK_ASSIGN(loaded.tokenizer, LoadDecoderTokenizer(path));
  CODERANK_ASSIGN(loaded.decoder, LoadDecoderWeights(path, options, kernels, pool));
  CODERANK_TRY(
      CheckTokenizerFits(*loaded.tokenizer, loaded.decoder->vocabulary_size(), path.native()));
  return loaded;
}

}  // namespace coderank
