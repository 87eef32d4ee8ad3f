// Installed models: what they are, and embedding with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace coderank {

struct ModelSummary {
  std::string name;
  std::string architecture;
  std::filesystem::path folder;
  std::string fingerprint;
  std::string pooling;    // "mean" or "cls"
  bool normalize = true;  // among the model's own modules; see EmbedRequest for what is given
  std::string query_prompt;
  std::string document_prompt;
  uint32_t max_tokens = 0;
  uint32_t dimension = 0;
  uint64_t bytes = 0;  // of its files
};

struct ModelAddition {
  ModelSummary model;
  bool already_installed = false;  // with the same fingerprint
};

struct EmbedRequest {
  bool query = false;     // use the query prompt instead of the document prompt
  bool normalize = true;  // unit length for every model; false: the pooled vectors as they are
};

struct TextEmbedding {
  std::vector<float> vector;       // [dimension]
  std::vector<int32_t> token_ids;  // after truncation, special tokens included
};

struct EffectiveSetting {
  std::string key;
  std::string value;
  std::string origin;  // "default", "flag", "environment CODERANK_MODEL", "<file>"
};

struct DoctorCheck {
  std::string name;
  bool ok = false;
  std::string detail;
};

struct DoctorReport {
  std::string version;
  std::string cpu;
  std::string kernels;  // instruction set in use
  size_t threads = 0;
  std::vector<EffectiveSetting> settings;
  std::vector<DoctorCheck> checks;
};

}  // namespace coderank
