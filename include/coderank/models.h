// Installed models: what they are, and embedding with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coderank {

inline constexpr std::string_view kEmbedderKind = "embedder";
inline constexpr std::string_view kCrossEncoderKind = "cross-encoder";
inline constexpr std::string_view kGeneratorKind = "generator";

struct ModelSummary {
  std::string name;
  std::string kind;  // one of the above
  std::string architecture;
  std::filesystem::path folder;
  std::string fingerprint;
  // Of an embedder only, to the prompts.
  std::string pooling;    // "mean", "cls" or "last"
  bool normalize = true;  // among the model's own modules; see EmbedRequest for what is given
  std::string query_prompt;
  std::string document_prompt;
  uint32_t max_tokens = 0;
  uint32_t dimension = 0;
  uint64_t bytes = 0;  // of its files
  // Of a downloaded model; empty for one that was added from a folder.
  std::string repository;  // "owner/name"
  std::string revision;    // commit
  std::string licence;     // as its page names it
  // Of one that another machine computes; empty for others.
  std::string api;           // "openai", "voyage" or "tei"
  std::string url;           // of the service
  std::string remote_model;  // what the service calls it
  std::string key_variable;
  double usd_per_million_tokens = 0;  // 0: not known
};

// An embedder that another machine computes. What is empty or 0 is what is known of a model of that
// name, or of the service.
struct RemoteModelRequest {
  std::string name;          // to install it under
  std::string api;           // "openai", "voyage" or "tei"
  std::string url;           // base of the service's: "https://api.openai.com/v1"
  std::string model;         // what the service calls it; default: `name`
  std::string key_variable;  // of the environment, that holds the key
  uint32_t dimensions = 0;   // to ask for, of a model that can make shorter vectors
  uint32_t max_tokens = 0;
  uint32_t texts_per_request = 0;
  uint32_t requests_at_once = 0;
  std::optional<std::string> query_prompt;
  std::optional<std::string> document_prompt;
  std::optional<double> usd_per_million_tokens;
  bool replace = false;  // take the place of a different model
};

struct ModelAddition {
  ModelSummary model;
  bool already_installed = false;  // with the same fingerprint
};

struct ModelRemoval {
  std::string name;
  std::filesystem::path folder;  // that was removed
  uint64_t bytes = 0;            // that its files had
};

struct ModelPullRequest {
  std::string
      source;        // a known name ("CodeRankEmbed"), or hf:owner/name, or hf:owner/name@revision
  std::string name;  // to install it under; empty: the known name, or the repository's
  bool replace = false;  // download anew and take the place of what has the name
};

struct ModelPullProgress {
  std::string file;         // under way
  uint64_t bytes_done = 0;  // of all files, earlier runs included
  uint64_t bytes_total = 0;
  uint64_t bytes_fetched = 0;  // over the network in this run
  double seconds = 0;          // since the download began
};
// Called on the calling thread, a few times a second.
using ModelPullProgressSink = std::function<void(const ModelPullProgress&)>;

struct ModelPullReport {
  ModelSummary model;
  bool already_installed = false;  // nothing was downloaded, or the same model was there
  uint64_t bytes_fetched = 0;
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
