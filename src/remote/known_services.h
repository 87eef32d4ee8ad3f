// Models of public services that go by their name alone.
#pragma once

#include <span>
#include <string_view>

#include "remote/remote_model.h"

namespace coderank {

struct KnownService {
  std::string_view model;
  EmbeddingApi api;
  std::string_view url;
  std::string_view key_variable;
  uint32_t max_tokens;  // of a text
  double usd_per_million_tokens;
};

// Limits and prices as the services published them in 2025; prices change, and can be said.
std::span<const KnownService> KnownServices();
// Null when it is none.
const KnownService* FindKnownService(std::string_view model);

}  // namespace coderank
