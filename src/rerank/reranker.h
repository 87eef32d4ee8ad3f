// Reranker: a cross-encoder that judges as many documents as its time allows.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "model/cross_encoder.h"
#include "rerank/rate_meter.h"

namespace coderank {

struct JudgedDocument {
  float logit = 0;
  size_t tokens = 0;       // with the query
  bool truncated = false;  // its end was not read
};

struct Judgement {
  std::vector<JudgedDocument> documents;  // the first of those given, in their order
  std::optional<double>
      predicted_seconds;  // for all that were given; nothing where no rate was known
  double seconds = 0;     // that it took
};

// Thread-safe: calls may overlap, and share what is known of the model's speed.
class Reranker {
 public:
  explicit Reranker(std::unique_ptr<CrossEncoder> model) : model_(std::move(model)) {}

  const CrossEncoder& model() const { return *model_; }

  // `documents`, best first, are judged as far as `seconds` reach; none: all of them.
  Result<Judgement> Judge(std::string_view query, std::span<const std::string_view> documents,
                          std::optional<double> seconds = {},
                          const CancellationToken* cancel = nullptr);

 private:
  std::unique_ptr<CrossEncoder> model_;
  RateMeter rate_;
};

}  // namespace coderank
