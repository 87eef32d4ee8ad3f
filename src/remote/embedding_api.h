// The requests and answers of embedding services, as published:
//   OpenAI  platform.openai.com/docs/api-reference/embeddings (and whoever speaks like it)
//   Voyage  docs.voyageai.com/reference/embeddings-api
//   TEI     huggingface.github.io/text-embeddings-inference
// Pure functions: what goes over the network is remote_embedder.h's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "embed/embedder.h"
#include "remote/remote_model.h"

namespace coderank::remote {

std::string EndpointOf(const RemoteModel& model);

// A JSON body that asks for one vector of each text, which are UTF-8 and not empty.
std::string RequestBody(const RemoteModel& model, TextRole role,
                        std::span<const std::string> texts);

struct EmbeddingReply {
  std::vector<std::vector<float>> vectors;  // of any length above 0, in the order of the texts
  uint64_t tokens = 0;                      // that the service counted; 0: it does not say
};

// `expected` texts were sent; `dimension` 0: not known yet. kCorrupt, saying which, where a vector
// is missing, comes twice, has another dimension, is all zeros or holds a number that is not
// finite.
Result<EmbeddingReply> ParseReply(const RemoteModel& model, std::string_view body, size_t expected,
                                  size_t dimension);

// What a service says of a failure, in one line of bounded length; "" when nothing readable.
std::string ReasonOf(std::string_view body);

// Whether a failure means that the texts are too long, one of them or all together.
bool SaysTooLong(int status, std::string_view reason);

// What TEI tells about itself at GET <url>/info; 0 and "" where it does not.
struct TeiInfo {
  std::string model;
  uint64_t max_tokens = 0;         // of a text
  uint64_t texts_per_request = 0;  // at most
};
Result<TeiInfo> ParseTeiInfo(std::string_view body);

}  // namespace coderank::remote
