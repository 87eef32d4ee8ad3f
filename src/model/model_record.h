// ModelRecord: all that decides what a model gives, as a value that is stored beside the model.
//
// It is derived once from the files of a Hugging Face / sentence-transformers folder or from a GGUF
// file (or written by hand), and from then on the record, not those files, says how the model is
// used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "model/pooling.h"

namespace coderank {

struct ModelFile {
  std::string path;  // relative to the model's folder, '/' between its parts, never ".."
  uint64_t size = 0;
  std::string sha256;  // hex
};

// Of the weights while the model runs.
inline constexpr std::string_view kPrecisionFloat = "f32";
inline constexpr std::string_view kPrecisionInt8 =
    "int8";  // of decoders 4 bits where the file has 4
inline constexpr std::string_view kPrecisionInt4 = "int4";  // of decoders only

enum class ModelKind {
  kEmbedder,      // a text to a vector
  kCrossEncoder,  // two texts to one score
  kGenerator,     // instructions to an answer: reranks lists
};

struct ModelRecord {
  std::string name;
  ModelKind kind = ModelKind::kEmbedder;
  std::string architecture;        // config.json's model_type
  std::string transformer_folder;  // of config.json, weights and tokenizer; "" for the model's own
  std::vector<ModelFile> files;    // config, tokenizer and weight files, or a GGUF file
  // Of an embedder only, to the prompts.
  Pooling pooling = Pooling::kMean;
  // The model's own modules end with Normalize. Kept for information: the vectors that this program
  // indexes have unit length in any case.
  bool normalize = true;
  std::string query_prompt;
  std::string document_prompt;
  size_t max_length = 0;  // tokens, special ones included; of a pair as one
  size_t dimension = 0;   // of the hidden states and so of the vectors
  std::string precision{kPrecisionFloat};

  // Hex SHA-256 over everything above that decides a vector or score: all but the name, the files'
  // places and `normalize`. Two folders that give the same have the same fingerprint.
  std::string Fingerprint() const;
};

std::string_view PoolingName(Pooling pooling);   // "cls", "mean", "last"
std::string_view ModelKindName(ModelKind kind);  // "embedder", "cross-encoder", "generator"

// kInvalidArgument, saying what the model is for, unless it is of this kind.
Status CheckModelKind(const ModelRecord& record, ModelKind expected);

// Reads the configuration and hashes the files of a model: a folder, or one GGUF file, whose folder
// is then the model's. kInvalidArgument, naming file and field, for a module or setting that would
// give other vectors than this program can compute.
Result<ModelRecord> DeriveModelRecord(const std::filesystem::path& source, std::string_view name,
                                      const CancellationToken* cancel = nullptr);

// Size and hash of one of the model's files; `path` is relative to the folder.
Result<ModelFile> DescribeModelFile(const std::filesystem::path& folder, std::string path,
                                    const CancellationToken* cancel = nullptr);

// The files are there with the recorded sizes. Cheap: done at every opening.
Status CheckModelFileSizes(const std::filesystem::path& folder, const ModelRecord& record);
// The files have the recorded hashes too. Reads every byte.
Status VerifyModelFiles(const std::filesystem::path& folder, const ModelRecord& record,
                        const CancellationToken* cancel = nullptr);

// JSON with a format version; reading checks every field.
std::string WriteModelRecord(const ModelRecord& record);
Result<ModelRecord> ReadModelRecord(std::string_view json, std::string_view source);

}  // namespace coderank
