// Loading a decoder with its tokenizer, from a GGUF file or from a folder in the Hugging Face
// layout.
#pragma once

#include <filesystem>
#include <memory>

#include "base/thread_pool.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "model/decoder.h"
#include "model/model_record.h"
#include "tokenizer/byte_pair_tokenizer.h"

namespace coderank {

enum class DecoderPrecision {
  kFloat,  // f32, whatever the file's types: the reference
  kFile,   // weights of 8 or 4 bits in groups: 4 where the file has 4, otherwise 8
  kInt8,   // all 8
  kInt4,   // all 4
};

struct DecoderOptions {
  DecoderPrecision precision = DecoderPrecision::kFile;
  // Where quantised weights are kept and mapped from: made first if the file there is missing,
  // damaged or of other weights. They load at once then, and processes share them. Empty: they are
  // made in memory each time.
  std::filesystem::path pack_folder = {};
};

struct LoadedDecoder {
  std::shared_ptr<const Decoder> decoder;
  std::shared_ptr<const BytePairTokenizer> tokenizer;
};

// `path` is a GGUF file, or a folder with one, or a folder with config.json, tokenizer.json and
// safetensors. `pool` is used while loading only.
Result<LoadedDecoder> LoadDecoder(const std::filesystem::path& path, const DecoderOptions& options,
                                  const kernels::KernelSet& kernels, ThreadPool& pool);

// A model in the folder of its record, in the record's precision: int8 is kFile. Rounded weights
// are packed beside the record or, where that folder cannot be written, in `pack_folder`. File
// sizes are checked, hashes are not.
Result<std::shared_ptr<const Decoder>> LoadInstalledDecoder(
    const std::filesystem::path& folder, const ModelRecord& record,
    const kernels::KernelSet& kernels, ThreadPool& pool, const std::filesystem::path& pack_folder);

// The same with its tokenizer, of a record of kind generator.
Result<LoadedDecoder> LoadGenerator(const std::filesystem::path& folder, const ModelRecord& record,
                                    const kernels::KernelSet& kernels, ThreadPool& pool,
                                    const std::filesystem::path& pack_folder);

// The decoder or the tokenizer of such files alone.
Result<std::shared_ptr<const Decoder>> LoadDecoderWeights(const std::filesystem::path& path,
                                                          const DecoderOptions& options,
                                                          const kernels::KernelSet& kernels,
                                                          ThreadPool& pool);
Result<std::unique_ptr<BytePairTokenizer>> LoadDecoderTokenizer(const std::filesystem::path& path);

}  // namespace coderank
