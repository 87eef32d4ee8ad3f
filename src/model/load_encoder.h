// Loading the encoder of an installed model, in f32 from its weight files or in int8 from its
// packed file.
#pragma once

#include <filesystem>
#include <memory>

#include "base/thread_pool.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "model/model_record.h"
#include "model/packed_file.h"
#include "model/sentence_encoder.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// In f32, whatever the record's precision. File sizes are checked, hashes are not (see
// VerifyModelFiles). `kernels` decides the instruction set of everything that follows; `pool` must
// outlive the result.
Result<std::unique_ptr<SentenceEncoder>> LoadSentenceEncoder(const std::filesystem::path& folder,
                                                             const ModelRecord& record,
                                                             const kernels::KernelSet& kernels,
                                                             ThreadPool& pool);

// In int8, from the packed file of the same record.
Result<std::unique_ptr<SentenceEncoder>> LoadPackedEncoder(const std::filesystem::path& folder,
                                                           const ModelRecord& record,
                                                           std::shared_ptr<const PackedFile> packed,
                                                           const kernels::KernelSet& kernels,
                                                           ThreadPool& pool);

// The name of a model's packed file, which lies beside its record, or in `other_folder` under a
// name that is the pack's identity where the model's folder cannot be written.
std::filesystem::path PackedPath(const std::filesystem::path& folder);
std::filesystem::path PackedPath(const std::filesystem::path& other_folder,
                                 const ModelRecord& record);

// Hashes the packed files of a model, in both places, as far as there are any. kCorrupt if one is
// damaged; it is removed then, so that the next use makes it again.
Status VerifyPackedModel(const std::filesystem::path& folder,
                         const std::filesystem::path& other_folder, const ModelRecord& record);

// Opens the packed file of a model, and makes it first if it is missing, stale or damaged.
Result<std::shared_ptr<const PackedFile>> OpenPackedModel(const std::filesystem::path& folder,
                                                          const std::filesystem::path& other_folder,
                                                          const ModelRecord& record,
                                                          const Tokenizer& tokenizer,
                                                          const kernels::KernelSet& kernels,
                                                          ThreadPool& pool);

}  // namespace coderank
