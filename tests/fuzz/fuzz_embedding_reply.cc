// What an embedding service answers: every vector that is taken is whole and finite.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "remote/embedding_api.h"
#include "remote/rate_limit.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace coderank;
  if (size < 2) return 0;
  const size_t texts = 1 + data[0] % 4;
  const size_t dimension = data[1] % 4;  // 0: not known
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (const EmbeddingApi api : {EmbeddingApi::kOpenAi, EmbeddingApi::kTei}) {
    const RemoteModel model{.api = api, .url = "http://localhost/v1", .model = "m"};
    const auto reply = remote::ParseReply(model, body, texts, dimension);
    if (!reply) continue;
    if (reply->vectors.size() != texts) std::abort();
    for (const auto& vector : reply->vectors) {
      if (vector.size() != reply->vectors.front().size() || vector.empty()) std::abort();
      if (dimension != 0 && vector.size() != dimension) std::abort();
      for (const float number : vector) {
        if (!std::isfinite(number)) std::abort();
      }
    }
  }
  (void)remote::SaysTooLong(400, remote::ReasonOf(body));
  (void)remote::ParseTeiInfo(body);
  (void)remote::ParseResetTime(body);
  return 0;
}
