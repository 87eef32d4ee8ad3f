#include "remote/remote_embedder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>
#include <utility>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"
#include "remote/service_connection.h"

namespace coderank {
namespace {

using remote::AboutTokens;
using remote::EmbeddingReply;
using remote::ServiceConnection;

// Below the 120,000 tokens of Voyage's and the 300,000 of OpenAI's requests, at two bytes a token.
constexpr size_t kBytesPerRequest = 240'000;
// Nothing that people write has so many bytes a token on average: the rest is cut off unsent.
constexpr size_t kMostBytesPerToken = 8;
// A text that is still too long when so little is left of it is refused for another reason.
constexpr size_t kLeastBytes = 16;

// A text on its way, and what comes of it.
struct Item {
  std::string text;
  Embedding embedding;
};

// The first `bytes` of UTF-8, or fewer, so that no character is torn.
void Cut(std::string& text, size_t bytes) {
  const auto inside = [&text](size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  while (bytes > 0 && inside(bytes)) --bytes;
  text.resize(bytes);
}

// Precondition: not all zeros.
void Normalise(std::vector<float>& vector) {
  double squares = 0;
  for (const float number : vector) squares += double{number} * double{number};
  const double length = std::sqrt(squares);
  for (float& number : vector) number = static_cast<float>(number / length);
}

// Runs of items that fit one request each.
std::vector<std::span<Item>> Batches(std::span<Item> items, size_t most_texts) {
  std::vector<std::span<Item>> batches;
  size_t begin = 0;
  size_t bytes = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const size_t size = items[i].text.size();
    if (i > begin && (i - begin == most_texts || bytes + size > kBytesPerRequest)) {
      batches.push_back(items.subspan(begin, i - begin));
      begin = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (begin < items.size()) batches.push_back(items.subspan(begin));
  return batches;
}

Status CheckKey(const RemoteEmbedderOptions& options) {
  const std::string& variable = options.access.key_variable;
  if (variable.empty() || !options.key.empty()) return OkStatus();
  return PermissionDenied(StrCat("model ", options.name, ": the environment variable ", variable,
                                 ", which holds the key for ", options.model.url, ", is not set"));
}

}  // namespace

class RemoteEmbedder::Service {
 public:
  Service(RemoteEmbedderOptions options, std::unique_ptr<ServiceConnection> connection)
      : options_(std::move(options)), connection_(std::move(connection)) {}

  const RemoteEmbedderOptions& options() const { return options_; }

  Result<std::vector<Embedding>> Embed(TextRole role, std::span<const std::string_view> texts,
                                       EmbedOptions how, const CancellationToken* cancel) {
    if (texts.empty()) return std::vector<Embedding>();
    const bool unconfirmed = !confirmed_[IndexOf(role)];
    std::vector<Item> items;
    items.reserve(texts.size() + 1);
    if (unconfirmed) items.push_back({.text = std::string(kCanaryText), .embedding = {}});
    for (const std::string_view text : texts) items.push_back(ItemOf(role, text));
    auto batches = Batches(items, options_.access.texts_per_request);
    if (unconfirmed) {
      CODERANK_TRY(EmbedBatch(role, batches.front(), cancel));
      CODERANK_TRY(Confirm(role, items.front().embedding.vector));
      batches.erase(batches.begin());
    }
    CODERANK_TRY(EmbedAll(role, batches, cancel));
    std::vector<Embedding> embeddings;
    embeddings.reserve(texts.size());
    for (Item& item : std::span(items).subspan(unconfirmed ? 1 : 0)) {
      if (how.normalize) Normalise(item.embedding.vector);
      embeddings.push_back(std::move(item.embedding));
    }
    return embeddings;
  }

 private:
  static size_t IndexOf(TextRole role) { return role == TextRole::kQuery ? 0 : 1; }

  // OpenAI refuses a text that is too long, and it is cut here; the others cut it themselves, and
  // do not say so.
  Item ItemOf(TextRole role, std::string_view text) const {
    const std::string& prompt =
        role == TextRole::kQuery ? options_.query_prompt : options_.document_prompt;
    Item item{.text = StrCat(prompt, text), .embedding = {}};
    if (IsBlank(item.text)) item.text = " ";  // no service takes an empty one
    const size_t most = kMostBytesPerToken * options_.max_length;
    const bool cut = item.text.size() > most;
    if (cut) Cut(item.text, most);
    const bool cut_there = options_.model.api != EmbeddingApi::kOpenAi &&
                           AboutTokens(item.text.size()) > options_.max_length;
    item.embedding.truncated = cut || cut_there;
    return item;
  }

  Status Confirm(TextRole role, std::vector<float> vector) {
    const Canary& canary = options_.access.canary;
    const auto& expected = role == TextRole::kQuery ? canary.query : canary.document;
    Normalise(vector);
    const float cosine = CosineOf(vector, expected);
    if (cosine >= kSameRemoteModel) {
      confirmed_[IndexOf(role)] = true;
      return OkStatus();
    }
    return FailedPrecondition(StrCat(
        "model ", options_.name, ": the vector that ", options_.model.url,
        " gives for a known text has cosine ", cosine, " with the one it gave when the model was ",
        "connected: the service has another model now. `coderank model connect ", options_.name,
        " --replace` takes it as such; what was indexed with it has to be embedded again"));
  }

  // Several requests at once. Ends with the first failure.
  Status EmbedAll(TextRole role, std::span<const std::span<Item>> batches,
                  const CancellationToken* cancel) {
    std::atomic<size_t> next{0};
    std::atomic<bool> failed{false};
    std::mutex mutex;
    Status failure;  // guarded by mutex
    const auto work = [&] {
      for (size_t i = next++; i < batches.size() && !failed; i = next++) {
        const Status done = EmbedBatch(role, batches[i], cancel);
        if (done.ok()) continue;
        const std::lock_guard lock(mutex);
        if (!failed.exchange(true)) failure = done;
      }
    };
    std::vector<std::thread> others;
    const size_t workers = std::min(options_.access.requests_at_once, batches.size());
    for (size_t i = 1; i < workers; ++i) others.emplace_back(work);
    work();
    for (std::thread& thread : others) thread.join();
    return failure;
  }

  // One request, or as many as the service needs to take the texts.
  Status EmbedBatch(TextRole role, std::span<Item> items, const CancellationToken* cancel) {
    if (IsCancelled(cancel)) return Cancelled("embedding was cancelled");
    std::vector<std::string> texts;
    uint64_t bytes = 0;
    for (const Item& item : items) {
      texts.push_back(item.text);
      bytes += item.text.size();
    }
    auto reply = connection_->Ask(role, texts, options_.dimension, cancel);
    if (!reply && reply.error().code() == StatusCode::kResourceExhausted) {
      return EmbedSmaller(role, items, reply.error(), cancel);
    }
    if (!reply) return reply.error().WithContext(StrCat("model ", options_.name));
    const double counted =
        static_cast<double>(reply->tokens != 0 ? reply->tokens : AboutTokens(bytes));
    for (size_t i = 0; i < items.size(); ++i) {
      const double share = static_cast<double>(texts[i].size()) / static_cast<double>(bytes);
      items[i].embedding.tokens = static_cast<uint32_t>(std::lround(counted * share));
      items[i].embedding.vector = std::move(reply->vectors[i]);
    }
    return OkStatus();
  }

  Status EmbedSmaller(TextRole role, std::span<Item> items, const Status& refusal,
                      const CancellationToken* cancel) {
    if (items.size() > 1) {
      const size_t half = items.size() / 2;
      CODERANK_TRY(EmbedBatch(role, items.first(half), cancel));
      return EmbedBatch(role, items.subspan(half), cancel);
    }
    Item& item = items.front();
    if (item.text.size() <= kLeastBytes) {
      return refusal.WithContext(StrCat("model ", options_.name));
    }
    Cut(item.text, item.text.size() / 4 * 3);
    item.embedding.truncated = true;
    return EmbedBatch(role, items, cancel);
  }

  const RemoteEmbedderOptions options_;
  const std::unique_ptr<ServiceConnection> connection_;
  std::array<std::atomic<bool>, 2> confirmed_{};  // by role: the canary gives what it gave
};

Result<std::unique_ptr<RemoteEmbedder>> RemoteEmbedder::Make(RemoteEmbedderOptions options) {
  CODERANK_TRY(CheckKey(options));
  const RemoteAccess& access = options.access;
  auto connection =
      ServiceConnection::Open(options.model, access.key_variable, options.key, options.log);
  if (!connection) return connection.error().WithContext(StrCat("model ", options.name));
  return std::unique_ptr<RemoteEmbedder>(
      new RemoteEmbedder(std::make_shared<Service>(std::move(options), *std::move(connection))));
}

size_t RemoteEmbedder::dimension() const { return service_->options().dimension; }

const std::string& RemoteEmbedder::fingerprint() const { return service_->options().fingerprint; }

Result<std::vector<Embedding>> RemoteEmbedder::Embed(TextRole role,
                                                     std::span<const std::string_view> texts,
                                                     EmbedOptions options,
                                                     const CancellationToken* cancel) const {
  return service_->Embed(role, texts, options, cancel);
}

std::unique_ptr<Embedder> RemoteEmbedder::OnPool(ThreadPool& /*pool*/) const {
  return std::unique_ptr<Embedder>(new RemoteEmbedder(service_));
}

Result<RemoteProbe> ProbeRemoteModel(const RemoteEmbedderOptions& options,
                                     const CancellationToken* cancel) {
  CODERANK_TRY(CheckKey(options));
  CODERANK_ASSIGN(const auto connection,
                  ServiceConnection::Open(options.model, options.access.key_variable, options.key,
                                          options.log));
  RemoteProbe probe;
  if (options.model.api == EmbeddingApi::kTei) {
    CODERANK_ASSIGN(const std::string body, connection->Get("/info", cancel));
    CODERANK_ASSIGN(remote::TeiInfo info, remote::ParseTeiInfo(body));
    probe.model = std::move(info.model);
    probe.max_tokens = info.max_tokens;
    probe.texts_per_request = info.texts_per_request;
  }
  const auto ask = [&](TextRole role, std::vector<float>& vector) -> Status {
    const std::string text(kCanaryText);
    CODERANK_ASSIGN(EmbeddingReply reply,
                    connection->Ask(role, {&text, 1}, probe.dimension, cancel));
    vector = std::move(reply.vectors.front());
    probe.dimension = vector.size();
    Normalise(vector);
    return OkStatus();
  };
  CODERANK_TRY(ask(TextRole::kDocument, probe.canary.document));
  CODERANK_TRY(ask(TextRole::kQuery, probe.canary.query));
  const size_t asked = options.model.dimensions;
  if (asked != 0 && asked != probe.dimension) {
    return InvalidArgument(StrCat("dimensions: asked ", options.model.url, " for ", asked,
                                  ", found vectors of ", probe.dimension));
  }
  return probe;
}

}  // namespace coderank
