#include "remote/known_services.h"

#include <algorithm>
#include <array>

namespace coderank {
namespace {

constexpr std::string_view kOpenAiUrl = "https://api.openai.com/v1";
constexpr std::string_view kOpenAiKey = "OPENAI_API_KEY";
constexpr std::string_view kVoyageUrl = "https://api.voyageai.com/v1";
constexpr std::string_view kVoyageKey = "VOYAGE_API_KEY";

constexpr std::array<KnownService, 5> kServices = {{
    {"text-embedding-ada-002", EmbeddingApi::kOpenAi, kOpenAiUrl, kOpenAiKey, 8191, 0.10},
    {"text-embedding-3-small", EmbeddingApi::kOpenAi, kOpenAiUrl, kOpenAiKey, 8191, 0.02},
    {"text-embedding-3-large", EmbeddingApi::kOpenAi, kOpenAiUrl, kOpenAiKey, 8191, 0.13},
    {"voyage-code-2", EmbeddingApi::kVoyage, kVoyageUrl, kVoyageKey, 16'000, 0.12},
    {"voyage-code-3", EmbeddingApi::kVoyage, kVoyageUrl, kVoyageKey, 32'000, 0.18},
}};

}  // namespace

std::span<const KnownService> KnownServices() { return kServices; }

const KnownService* FindKnownService(std::string_view model) {
  const auto found =
      std::find_if(kServices.begin(), kServices.end(),
                   [model](const KnownService& service) { return service.model == model; });
  return found == kServices.end() ? nullptr : &*found;
}

}  // namespace coderank
