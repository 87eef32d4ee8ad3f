// Engine: collections on a Qdrant server.
#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "migration/collection_mark.h"
#include "migration/sample_check.h"
#include "migration/server_names.h"
#include "migration/text_key.h"

namespace coderank {
namespace {

// Of a server that a search waits for: words answer without it.
constexpr std::chrono::milliseconds kSearchConnect{2'000};
constexpr std::chrono::seconds kSearchStall{5};
constexpr std::chrono::milliseconds kSearchPause{100};

CollectionSummary SummaryOf(const std::string& name, const qdrant::CollectionInfo& info,
                            const ServerNames& names) {
  CollectionSummary summary{.name = name,
                            .aliases = {},
                            .status = info.status,
                            .points = info.points,
                            .indexed_vectors = info.indexed_vectors,
                            .vectors = {},
                            .sparse_vectors = info.sparse_vectors,
                            .quantization = info.quantization.kind,
                            .model = {},
                            .fingerprint = {},
                            .source = {},
                            .state = {}};
  for (const auto& [alias, collection] : names.aliases) {
    if (collection == name) summary.aliases.push_back(alias);
  }
  for (const qdrant::VectorField& field : info.vectors) {
    summary.vectors.push_back({.name = field.name, .size = field.size, .distance = field.distance});
  }
  if (const auto mark = MarkFrom(info.metadata)) {
    summary.model = mark->model;
    summary.fingerprint = mark->fingerprint;
    summary.source = mark->source;
    summary.state = mark->state;
  }
  return summary;
}

// Faults that need no model.
void CheckSettings(const NamedCollection& collection, const qdrant::VectorField& field,
                   CollectionVerification& report) {
  if (collection.info.status == "red") {
    report.faults.push_back("the server says that an operation on it has failed (status red)");
  }
  if (field.multiple) report.faults.push_back("it holds several vectors a point");
  if (field.distance != "Cosine" && field.distance != "Dot") {
    report.faults.push_back(StrCat("expected distance Cosine or Dot, found ", field.distance));
  }
  const auto mark = MarkFrom(collection.info.metadata);
  if (mark && mark->state == kLoading) {
    report.faults.push_back("its migration has not come to its end; run it again");
  }
  if (mark && collection.info.quantization.kind != "binary") {
    report.faults.push_back("expected binary quantization, as the migration made it");
  }
}

}  // namespace

Result<qdrant::Client> Engine::State::OpenQdrant(const Config& config,
                                                 const CancellationToken* cancel) const {
  if (config.qdrant_url.value.empty()) {
    return InvalidArgument(
        "no Qdrant server is named; --url URL, QDRANT_URL, or url in [qdrant] of your config.toml "
        "does, as in http://localhost:6333");
  }
  return OpenQdrantAt(config.qdrant_url.value, Patience::kWork, cancel);
}

Result<qdrant::Client> Engine::State::OpenQdrantAt(const std::string& url, Patience patience,
                                                   const CancellationToken* cancel) const {
  qdrant::Options options_of_client;
  options_of_client.url = url;
  options_of_client.api_key = Environment("QDRANT_API_KEY");
  options_of_client.http.log = options.log;
  options_of_client.cancel = cancel;
  if (patience == Patience::kSearch) {
    HttpOptions& http = options_of_client.http;
    http.connect_timeout = kSearchConnect;
    http.stall_timeout = kSearchStall;
    http.max_attempts = 2;  // a connection that was kept may have been closed meanwhile
    http.max_unreachable = 1;
    http.first_pause = kSearchPause;
    http.longest_pause = kSearchPause;
  }
  return qdrant::Client::Open(std::move(options_of_client));
}

bool Engine::HasQdrantServer() const {
  const auto config = state_->ConfigFor({});
  return config && !config->qdrant_url.value.empty();
}

Result<CollectionList> Engine::ListCollections(const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  CollectionList list{.url = client.url(), .version = {}, .collections = {}};
  CODERANK_ASSIGN(list.version, client.Version());
  CODERANK_ASSIGN(const ServerNames names, ServerNames::Read(client));
  for (const std::string& name : names.collections) {
    const auto info = client.Describe(name);
    if (!info && info.error().code() == StatusCode::kNotFound) continue;  // deleted meanwhile
    if (!info) return info.error();
    list.collections.push_back(SummaryOf(name, *info, names));
  }
  return list;
}

Result<CollectionDetails> Engine::DescribeCollection(const std::string& name,
                                                     const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  CODERANK_ASSIGN(const NamedCollection found, NamedCollection::Find(client, name));
  CollectionDetails details{.summary = SummaryOf(found.name, found.info, found.names),
                            .payload_indexes = {},
                            .texts = {},
                            .models = {}};
  for (const auto& index : found.info.payload_indexes) {
    details.payload_indexes.push_back(index.field);
  }
  CODERANK_ASSIGN(const auto sample, FirstPoints(client, found.name));
  details.sampled = sample.size();
  for (const TextKeyCandidate& text : TextKeyCandidates(sample)) {
    details.texts.push_back({.key = text.key, .share = text.share, .mean_bytes = text.mean_bytes});
  }
  for (const qdrant::VectorField& field : found.info.vectors) {
    CODERANK_ASSIGN(const auto fitting, state_->EmbeddersOfSize(config, field.size));
    details.models.insert(details.models.end(), fitting.begin(), fitting.end());
  }
  return details;
}

Result<CollectionVerification> Engine::VerifyCollection(const CollectionVerifyRequest& request,
                                                        const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  CODERANK_ASSIGN(const NamedCollection found, NamedCollection::Find(client, request.name));
  CODERANK_ASSIGN(const qdrant::VectorField field, found.SearchedVector());
  CollectionVerification report{.summary = SummaryOf(found.name, found.info, found.names),
                                .model = {},
                                .text_key = request.text_key,
                                .faults = {}};
  CheckSettings(found, field, report);
  CODERANK_ASSIGN(report.counted, client.Count(found.name));
  CODERANK_ASSIGN(const CollectionModel chosen,
                  state_->ModelOfCollection(config, client, found, request.text_key));
  report.model = chosen.model->installed.record.name;
  report.text_key = chosen.text_key;
  const std::string& fingerprint = chosen.model->embedder->fingerprint();
  const auto mark = MarkFrom(found.info.metadata);
  if (mark && mark->fingerprint != fingerprint) {
    report.faults.push_back(StrCat("expected model fingerprint ", mark->fingerprint.substr(0, 12),
                                   ", that of ", report.model, " is ", fingerprint.substr(0, 12)));
  }
  const DocumentVectors vectors(*chosen.model->embedder, *state_->kernels, nullptr, {});
  CODERANK_ASSIGN(const SampleCheck check,
                  CheckSample(client, vectors, found.name, field.name, chosen.text_key, cancel));
  report.sampled = check.points;
  report.least_cosine = check.least_cosine;
  const double expected = mark ? kSameVector : kSameModel;
  if (check.least_cosine < expected) {
    report.faults.push_back(StrCat("point ", check.worst, ": the cosine of its vector and of its ",
                                   "text's vector by ", report.model, " is ", check.least_cosine,
                                   ", expected at least ", expected));
  }
  return report;
}

}  // namespace coderank
