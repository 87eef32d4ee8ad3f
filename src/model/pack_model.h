// Makes a model's packed file: reads its weights in f32, runs the calibration texts through it,
// quantises each projection by what that showed, and writes the result.
#pragma once

#include <filesystem>

#include "base/sha256.h"
#include "base/thread_pool.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "model/model_record.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// What a packed file of this model must have been made from: the weights, the scheme, the layout.
// Not the longest text: one file serves every choice of it.
Sha256Digest PackIdentity(ModelRecord record);

// Takes seconds, and memory for the f32 weights twice.
Status PackModel(const std::filesystem::path& folder, const ModelRecord& record,
                 const Tokenizer& tokenizer, const kernels::KernelSet& kernels, ThreadPool& pool,
                 const std::filesystem::path& path);

}  // namespace coderank
