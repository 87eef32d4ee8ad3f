// Engine: models that another machine computes.
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/embedding_order.h"
#include "engine/engine_state.h"
#include "engine/price.h"
#include "model/known_models.h"
#include "net/url.h"
#include "remote/known_services.h"
#include "remote/remote_embedder.h"
#include "remote/service_connection.h"

namespace coderank {
namespace {

// A request of so many chunks has some 30,000 tokens, a quarter of what services take at most; four
// at once hide the way there and back.
constexpr size_t kTextsPerRequest = 128;
constexpr size_t kTeiTextsPerRequest = 32;  // what TEI takes unless its operator says otherwise
constexpr size_t kRequestsAtOnce = 4;
constexpr uint32_t kUsualMaxTokens = 8192;

// Variables of the environment, by their POSIX form.
bool IsVariableName(std::string_view name) {
  const auto allowed = [](char c) { return IsAsciiAlnum(c) || c == '_'; };
  return std::all_of(name.begin(), name.end(), allowed);
}

std::string KeyIn(const std::string& variable) {
  return variable.empty() ? std::string() : std::string(Environment(variable.c_str()));
}

std::string OrElse(const std::string& asked, std::string_view otherwise) {
  return asked.empty() ? std::string(otherwise) : asked;
}

std::string KnownModelsOfServices() {
  std::string names;
  for (const KnownService& service : KnownServices()) {
    names += StrCat(names.empty() ? "" : ", ", service.model);
  }
  return names;
}

// CodeRankEmbed behind any service is CodeRankEmbed, and needs its prompt.
std::string QueryPromptOf(const RemoteModelRequest& request, const std::string& model) {
  if (request.query_prompt) return *request.query_prompt;
  const std::array<std::string_view, 2> names = {model, request.name};
  const KnownPrompt* known = FindKnownPrompt(names);
  return known == nullptr ? std::string() : std::string(known->query_prompt);
}

// All that can be said before the service was asked.
Result<RemoteInstallation> Planned(const RemoteModelRequest& request) {
  const KnownService* known = FindKnownService(OrElse(request.model, request.name));
  if (known == nullptr && (request.api.empty() || request.url.empty())) {
    return InvalidArgument(
        StrCat("model connect: expected --api and --url of the service that has ", request.name,
               "; known without: ", KnownModelsOfServices()));
  }
  RemoteInstallation planned;
  const EmbeddingApi known_api = known == nullptr ? EmbeddingApi::kOpenAi : known->api;
  CODERANK_ASSIGN(planned.model.api,
                  EmbeddingApiFrom(OrElse(request.api, EmbeddingApiName(known_api))));
  planned.model.url = OrElse(request.url, known == nullptr ? "" : known->url);
  while (planned.model.url.ends_with('/')) planned.model.url.pop_back();
  const auto parsed = ParseUrl(planned.model.url);
  if (!parsed) return parsed.error().WithContext("url");
  planned.model.model = OrElse(request.model, request.name);
  planned.model.dimensions = request.dimensions;
  // A key belongs to the service that it was made for.
  const bool at_home = known != nullptr && planned.model.url == known->url;
  planned.access.key_variable = OrElse(request.key_variable, at_home ? known->key_variable : "");
  if (!IsVariableName(planned.access.key_variable)) {
    return InvalidArgument(
        StrCat("key-variable: expected the name of an environment variable, not the key itself"));
  }
  planned.access.usd_per_million_tokens =
      request.usd_per_million_tokens.value_or(at_home ? known->usd_per_million_tokens : 0);
  const bool tei = planned.model.api == EmbeddingApi::kTei;
  planned.access.texts_per_request = request.texts_per_request != 0 ? request.texts_per_request
                                     : tei                          ? kTeiTextsPerRequest
                                                                    : kTextsPerRequest;
  planned.access.requests_at_once =
      request.requests_at_once != 0 ? request.requests_at_once : kRequestsAtOnce;
  return planned;
}

bool SameService(const RemoteModel& a, const RemoteModel& b) {
  return a.api == b.api && a.url == b.url && a.model == b.model && a.dimensions == b.dimensions;
}

bool SameVectors(const Canary& a, const Canary& b) {
  if (a.document.size() != b.document.size()) return false;
  return CosineOf(a.document, b.document) >= kSameRemoteModel &&
         CosineOf(a.query, b.query) >= kSameRemoteModel;
}

uint32_t MaxTokensOf(const RemoteModelRequest& request, const RemoteProbe& probe,
                     const RemoteModel& model) {
  if (request.max_tokens != 0) return request.max_tokens;
  constexpr uint64_t kMost = 1U << 20U;
  if (probe.max_tokens > 1) return static_cast<uint32_t>(std::min(probe.max_tokens, kMost));
  const KnownService* known = FindKnownService(model.model);
  return known == nullptr ? kUsualMaxTokens : known->max_tokens;
}

RemoteEmbedderOptions OptionsOf(const InstalledModel& installed, LogSink log) {
  const ModelRecord& record = installed.record;
  return {.name = record.name,
          .model = installed.remote->model,
          .access = installed.remote->access,
          .key = KeyIn(installed.remote->access.key_variable),
          .query_prompt = record.query_prompt,
          .document_prompt = record.document_prompt,
          .max_length = record.max_length,
          .dimension = record.dimension,
          .fingerprint = record.Fingerprint(),
          .log = std::move(log)};
}

// What the user does not say stays as it is.
RemoteModelRequest WithRestOf(const InstalledModel& existing, RemoteModelRequest request) {
  const RemoteModel& model = existing.remote->model;
  const RemoteAccess& access = existing.remote->access;
  request.api = OrElse(request.api, EmbeddingApiName(model.api));
  request.url = OrElse(request.url, model.url);
  request.model = OrElse(request.model, model.model);
  request.key_variable = OrElse(request.key_variable, access.key_variable);
  if (request.dimensions == 0) request.dimensions = model.dimensions;
  if (request.max_tokens == 0) {
    request.max_tokens = static_cast<uint32_t>(existing.record.max_length);
  }
  if (request.texts_per_request == 0) {
    request.texts_per_request = static_cast<uint32_t>(access.texts_per_request);
  }
  if (request.requests_at_once == 0) {
    request.requests_at_once = static_cast<uint32_t>(access.requests_at_once);
  }
  if (!request.query_prompt) request.query_prompt = existing.record.query_prompt;
  if (!request.document_prompt) request.document_prompt = existing.record.document_prompt;
  if (!request.usd_per_million_tokens) {
    request.usd_per_million_tokens = access.usd_per_million_tokens;
  }
  return request;
}

// As installed, but for what the service says now.
ModelRecord RecordOf(const RemoteModelRequest& request, const RemoteInstallation& remote,
                     const RemoteProbe& probe) {
  const std::string file = WriteRemoteModel(remote.model);
  return {.name = request.name,
          .architecture = std::string(kRemoteArchitecture),
          .transformer_folder = {},
          .files = {{.path = std::string(kRemoteModelFile),
                     .size = file.size(),
                     .sha256 = ToHex(Sha256Of(file))}},
          .query_prompt = QueryPromptOf(request, OrElse(probe.model, remote.model.model)),
          .document_prompt = request.document_prompt.value_or(""),
          .max_length = MaxTokensOf(request, probe, remote.model),
          .dimension = probe.dimension};
}

Result<std::string> TextsToSend(const IndexStore& store, double usd_per_million_tokens) {
  CODERANK_ASSIGN(const auto texts, EmbeddingOrder(store));
  uint64_t bytes = 0;
  for (const TextToEmbed& text : texts) bytes += text.size;
  const uint64_t tokens = remote::AboutTokens(bytes);
  return StrCat("the texts of ", texts.size(), " chunks (about ", tokens, " tokens",
                PriceOf(static_cast<double>(tokens), usd_per_million_tokens), ")");
}

}  // namespace

Result<std::unique_ptr<Embedder>> Engine::State::OpenRemote(const InstalledModel& installed) const {
  CODERANK_ASSIGN(auto embedder, RemoteEmbedder::Make(OptionsOf(installed, options.log)));
  return std::unique_ptr<Embedder>(std::move(embedder));
}

Result<std::shared_ptr<const LoadedModel>> Engine::State::LoadForIndexing(
    const ModelChoice& choice, const RunSettings& settings, const IndexStore& store) {
  CODERANK_ASSIGN(const InstalledModel installed, FindEmbedder(choice.config, choice.name));
  if (!installed.remote) return Load(choice.config, choice.name);
  const double price = installed.remote->access.usd_per_million_tokens;
  const Status agreed = CheckAgreed(installed.remote->model.url, settings.location.root,
                                    settings.agreed, [&] { return TextsToSend(store, price); });
  auto model = agreed.ok() ? Load(choice.config, choice.name)
                           : Result<std::shared_ptr<const LoadedModel>>(agreed);
  const bool denied = !model && model.error().code() == StatusCode::kPermissionDenied;
  if (!denied || ModelIsChosenNow(choice.config)) return model;
  Note(StrCat("lexical search only: ", model.error().message()));
  return std::shared_ptr<const LoadedModel>();
}

Result<ModelAddition> Engine::ConnectModel(const RemoteModelRequest& asked,
                                           const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  const ModelStore store = state_->ModelsOf(config);
  const auto existing = store.Find(asked.name);
  if (!existing && existing.error().code() != StatusCode::kNotFound) return existing.error();
  const bool reconnects = existing && existing->remote;
  const RemoteModelRequest request = reconnects ? WithRestOf(*existing, asked) : asked;
  CODERANK_ASSIGN(RemoteInstallation remote, Planned(request));
  InstalledModel planned{.record = {}, .folder = {}, .origin = {}, .remote = remote};
  planned.record.name = request.name;
  CODERANK_ASSIGN(const RemoteProbe probe,
                  ProbeRemoteModel(OptionsOf(planned, state_->options.log), cancel));
  remote.access.canary = probe.canary;
  if (probe.texts_per_request != 0 && request.texts_per_request == 0) {
    remote.access.texts_per_request = probe.texts_per_request;
  }
  if (reconnects && SameService(existing->remote->model, remote.model)) {
    const Canary& known = existing->remote->access.canary;
    const bool unchanged = SameVectors(known, probe.canary);
    remote.model.generation = existing->remote->model.generation + (unchanged ? 0 : 1);
    if (unchanged) remote.access.canary = known;
  }
  const ModelRecord record = RecordOf(request, remote, probe);
  const bool same = existing && existing->record.Fingerprint() == record.Fingerprint();
  if (existing && !same && !request.replace) {
    return FailedPrecondition(StrCat(
        "model ", request.name, ": what ", remote.model.url, " gives is another model than ",
        "the one of that name that is installed; choose another name, or --replace it, after ",
        "which what was indexed with it has to be embedded again"));
  }
  CODERANK_ASSIGN(const auto added, store.Connect(record, remote, cancel));
  return ModelAddition{.model = Summarise(added.model), .already_installed = same};
}

}  // namespace coderank
