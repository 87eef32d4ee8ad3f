// RemoteModel: an embedder that another machine computes, as a value that is stored in two files of
// the installed model's folder.
//
// remote.json decides the vectors, so its hash is part of the model's fingerprint. access.json says
// how the service is reached and what its vectors of a known text were; it can change without
// making another model of it. Neither holds a key: keys come from the environment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank {

inline constexpr std::string_view kRemoteModelFile = "remote.json";
inline constexpr std::string_view kRemoteAccessFile = "access.json";

enum class EmbeddingApi {
  kOpenAi,  // POST <url>/embeddings {model, input, encoding_format}
  kVoyage,  // POST <url>/embeddings {model, input, input_type, truncation}
  kTei,     // POST <url>/embed {inputs, truncate}: Text Embeddings Inference
};

std::string_view EmbeddingApiName(EmbeddingApi api);  // "openai", "voyage", "tei"
Result<EmbeddingApi> EmbeddingApiFrom(std::string_view name);

struct RemoteModel {
  EmbeddingApi api = EmbeddingApi::kOpenAi;
  std::string url;    // without a slash at its end: "https://api.openai.com/v1"
  std::string model;  // what the service calls it
  // Numbers of a vector that are asked for, of a model that can make shorter ones; 0: its own.
  uint32_t dimensions = 0;
  // How often the service was found to have another model behind the same name.
  uint32_t generation = 0;
};

// The vectors of kCanaryText when the model was connected, of unit length.
struct Canary {
  std::vector<float> query;
  std::vector<float> document;
};
// Of unit vectors of one length.
float CosineOf(std::span<const float> a, std::span<const float> b);
// At least as alike as vectors of one text and model are, whatever precision and machine made them;
// those of different models are not (int8 against f32 of one model: 0.997 at worst).
inline constexpr float kSameRemoteModel = 0.99F;
inline constexpr std::string_view kCanaryText =
    "def backoff(attempt):  # seconds to wait before the next try\n"
    "    return min(60, 0.5 * 2 ** attempt)\n";

struct RemoteAccess {
  std::string key_variable;           // of the environment, that holds the key; "": none is sent
  double usd_per_million_tokens = 0;  // 0: not known
  size_t texts_per_request = 0;
  size_t requests_at_once = 0;
  Canary canary;
};

std::string WriteRemoteModel(const RemoteModel& model);
std::string WriteRemoteAccess(const RemoteAccess& access);
// kCorrupt, naming file and field, for what was not written by these.
Result<RemoteModel> ReadRemoteModel(std::string_view json, std::string_view source);
Result<RemoteAccess> ReadRemoteAccess(std::string_view json, std::string_view source,
                                      size_t dimension);

}  // namespace coderank
