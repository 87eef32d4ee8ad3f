// Files that carry texts to a bigger machine and their vectors back: JSON Lines.
//
//   texts    {"format":"coderank-texts","version":1,"fingerprint":...,"model":...,"dimension":...,
//             "document_prompt":...,"pooling":...,"max_tokens":...}
//            {"sha256":"<hex of the text's bytes>","text":"..."}         a line for each text
//   vectors  {"format":"coderank-vectors","version":1,"fingerprint":...}
//            {"sha256":"...","vector":[...],"tokens":n,"truncated":b}    the last two may be
//            missing
//
// A vector's text is known by its hash alone, so a file may be imported into any index, and lines
// may come in any order. Vectors made elsewhere are f32, and belong to the fingerprint of that
// precision.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/bounded_lines.h"
#include "base/file.h"
#include "base/sha256.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "store/embedding_cache.h"

namespace coderank {

struct ExchangeModel {
  std::string fingerprint;
  std::string name;
  size_t dimension = 0;
  std::string document_prompt;
  std::string pooling;
  uint32_t max_tokens = 0;
};

// Writes a new file of mode 0600: it holds source text. Not thread-safe.
class TextFileWriter {
 public:
  // kFailedPrecondition when `path` exists.
  static Result<TextFileWriter> Create(const std::filesystem::path& path,
                                       const ExchangeModel& model);
  Status Write(const Sha256Digest& sha256, const std::string& text);
  // What was written is on its way to the disk; call once.
  Status Close();

 private:
  explicit TextFileWriter(const std::filesystem::path& path)
      : path_(path), file_(path, std::ios::app) {}

  std::filesystem::path path_;
  std::ofstream file_;
};

struct ImportedVector {
  Sha256Digest sha256{};
  std::vector<float> vector;  // [dimension], finite, unit length
  uint32_t tokens = 0;
  bool truncated = false;
};

// As the cache holds it.
CachedEmbedding CachedOf(const ImportedVector& vector, const kernels::KernelSet& kernels);

// Reads a file that somebody else wrote. Every error names the line, what was expected and what was
// found. Not thread-safe.
class VectorFileReader {
 public:
  // kFailedPrecondition when the file is of another fingerprint.
  static Result<VectorFileReader> Open(const std::filesystem::path& path,
                                       const std::string& fingerprint, size_t dimension);
  // False at the end.
  Result<bool> Next(ImportedVector& out);

 private:
  VectorFileReader(std::filesystem::path path, size_t dimension, UniqueFd file);
  // No value at the end.
  Result<std::optional<std::string>> NextLine();
  Status Wrong(std::string_view what) const;

  std::filesystem::path path_;
  size_t dimension_;
  UniqueFd file_;
  BoundedLines lines_;
  uint64_t line_ = 0;
  std::unordered_set<std::string> seen_;  // hashes, in hex
};

}  // namespace coderank
