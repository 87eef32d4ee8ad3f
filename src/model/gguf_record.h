// The ModelRecord of a GGUF file, from its metadata alone. A decoder is an embedder where the file
// says how it pools, else a generator.
#pragma once

#include <filesystem>
#include <string_view>

#include "coderank/result.h"
#include "model/model_record.h"

namespace coderank {

// The record's files are relative to the file's folder. Prompts are those of the known model that
// `name` or the file's own names are of, if any: the format has no place for them.
Result<ModelRecord> DeriveGgufRecord(const std::filesystem::path& file, std::string_view name,
                                     const CancellationToken* cancel = nullptr);

}  // namespace coderank
