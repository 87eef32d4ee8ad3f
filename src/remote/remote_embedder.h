// RemoteEmbedder: an Embedder whose vectors another machine computes.
//
// Texts go out in requests of bounded number and size, several at once. What a service calls too
// long is divided or, if it is one text, cut. The first request for queries and the first for
// documents carry a known text along: where its vector is no longer what it was, the service has
// changed its model, and nothing that it gave is used.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/log.h"
#include "coderank/result.h"
#include "embed/embedder.h"
#include "remote/remote_model.h"

namespace coderank {

struct RemoteEmbedderOptions {
  std::string name;  // of the installed model, for messages
  RemoteModel model;
  RemoteAccess access;
  std::string key;  // never part of a message
  std::string query_prompt;
  std::string document_prompt;
  size_t max_length = 0;  // tokens of a text
  size_t dimension = 0;
  std::string fingerprint;
  LogSink log;  // told of new tries; may be empty
};

// Thread-safe, as every Embedder.
class RemoteEmbedder : public Embedder {
 public:
  // Sends nothing yet. kPermissionDenied where a key is missing, or would be readable on its way.
  static Result<std::unique_ptr<RemoteEmbedder>> Make(RemoteEmbedderOptions options);

  size_t dimension() const override;
  const std::string& fingerprint() const override;
  // kUnavailable when the service gave no answer after several tries; kFailedPrecondition when its
  // model is not the one that was connected; kPermissionDenied when it refuses the key.
  Result<std::vector<Embedding>> Embed(TextRole role, std::span<const std::string_view> texts,
                                       EmbedOptions options,
                                       const CancellationToken* cancel) const override;
  // The threads of a pool do not matter here: all use the same connections.
  std::unique_ptr<Embedder> OnPool(ThreadPool& pool) const override;

 private:
  class Service;
  explicit RemoteEmbedder(std::shared_ptr<Service> service) : service_(std::move(service)) {}

  std::shared_ptr<Service> service_;
};

// Asks a service that is new: what its model's vectors are like. TEI is asked for its limits too.
struct RemoteProbe {
  size_t dimension = 0;
  uint64_t max_tokens = 0;         // 0: not told
  uint64_t texts_per_request = 0;  // 0: not told
  std::string model;               // "": not told
  Canary canary;
};
Result<RemoteProbe> ProbeRemoteModel(const RemoteEmbedderOptions& options,
                                     const CancellationToken* cancel);

}  // namespace coderank
