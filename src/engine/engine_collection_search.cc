// Engine: searching collections of a Qdrant server.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "json/json.h"
#include "migration/collection_mark.h"
#include "migration/sample_check.h"
#include "migration/text_key.h"
#include "rerank/blend.h"
#include "search/snippet_budget.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;
using qdrant::Json;

// A collection that is going to be searched.
struct Searched {
  NamedCollection collection;
  CollectionModel model;
  qdrant::VectorField field;
  std::vector<float> question;  // embedded
  std::vector<CollectionHit> hits;
};

// Payload keys that say where a text comes from, and its lines.
constexpr std::array<std::string_view, 10> kPlaces = {
    "filePath", "file_path", "path",  "metadata.filePath", "metadata.file_path", "metadata.source",
    "source",   "url",       "title", "metadata.title"};
constexpr std::array<std::string_view, 3> kStarts = {"startLine", "start_line",
                                                     "metadata.start_line"};
constexpr std::array<std::string_view, 3> kEnds = {"endLine", "end_line", "metadata.end_line"};

template <size_t kCount>
const Json& FirstOf(const Json& payload, const std::array<std::string_view, kCount>& paths,
                    bool (Json::*is_wanted)() const noexcept) {
  static const Json nothing;
  for (const std::string_view path : paths) {
    const Json& value = qdrant::AtPath(payload, path);
    if ((value.*is_wanted)()) return value;
  }
  return nothing;
}

uint64_t LineOf(const Json& payload, const std::array<std::string_view, 3>& paths) {
  const Json& line = FirstOf(payload, paths, &Json::is_number_unsigned);
  return line.is_null() ? 0 : line.get<uint64_t>();
}

CollectionHit HitFrom(const qdrant::ScoredPoint& scored, const Searched& searched) {
  const Json& payload = scored.point.payload;
  const Json& place = FirstOf(payload, kPlaces, &Json::is_string);
  return {.collection = searched.collection.asked,
          .id = scored.point.id.text(),
          .score = scored.score,
          .rerank_score = {},
          .text = TextOf(scored.point, searched.model.text_key),
          .place = place.is_null() ? std::string() : place.get<std::string>(),
          .start_line = LineOf(payload, kStarts),
          .end_line = LineOf(payload, kEnds),
          .payload = ToText(payload)};
}

// Once for each model.
Status EmbedQuestion(const std::string& query, const std::vector<Searched>& done,
                     const CancellationToken* cancel, Searched& searched) {
  for (const Searched& other : done) {
    if (!other.question.empty() && other.model.model == searched.model.model) {
      searched.question = other.question;
      return OkStatus();
    }
  }
  CODERANK_ASSIGN(Embedding question, searched.model.model->queries->EmbedQuery(query, cancel));
  searched.question = std::move(question.vector);
  return OkStatus();
}

// The value as a text, and as what else it may be.
Json FilterOf(const std::vector<PayloadFilter>& filters) {
  if (filters.empty()) return {};
  Json must = Json::array();
  for (const PayloadFilter& filter : filters) {
    std::vector<Json> values = {filter.value};
    int64_t number = 0;
    const char* end = filter.value.data() + filter.value.size();
    const auto parsed = std::from_chars(filter.value.data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) values.emplace_back(number);
    if (filter.value == "true" || filter.value == "false") {
      values.emplace_back(filter.value == "true");
    }
    Json should = Json::array();
    for (const Json& value : values) {
      should.push_back({{"key", filter.key}, {"match", {{"value", value}}}});
    }
    must.push_back({{"should", std::move(should)}});
  }
  return {{"must", std::move(must)}};
}

// By score where one model made all of them, else by rank; equal ones in the order of collections.
void Merge(std::vector<Searched>& all, CollectionSearchReport& report) {
  struct Entry {
    double key;
    CollectionHit hit;
  };
  std::vector<Entry> entries;
  for (Searched& searched : all) {
    double rank = 0;
    for (CollectionHit& hit : searched.hits) {
      const double key = report.by_rank ? -rank : hit.score;
      entries.push_back({.key = key, .hit = std::move(hit)});
      ++rank;
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.key > b.key; });
  for (Entry& entry : entries) report.hits.push_back(std::move(entry.hit));
}

// A second look at the best, as the search of a tree does it.
Status JudgeHits(const RerankModel& judge, const CollectionSearchRequest& request,
                 CollectionSearchReport& report, const CancellationToken* cancel) {
  const auto start = Clock::now();
  const size_t count = std::min<size_t>(report.hits.size(), request.judge_depth);
  std::vector<std::string_view> texts;
  for (size_t i = 0; i < count; ++i) texts.emplace_back(report.hits[i].text);
  CODERANK_ASSIGN(const std::vector<RerankScore> judged, judge.Score(request.query, texts, cancel));
  std::vector<float> logits;
  RerankReport done;
  for (const RerankScore& document : judged) {
    logits.push_back(document.score);
    done.truncated += document.truncated ? 1 : 0;
  }
  // Scores of several models say nothing to each other: then the rank stands for the score.
  std::vector<double> scores;
  for (size_t i = 0; i < report.hits.size(); ++i) {
    scores.push_back(report.by_rank ? 1.0 / (1.0 + static_cast<double>(i)) : report.hits[i].score);
  }
  std::vector<CollectionHit> reordered;
  for (const Blended& blended : Blend(scores, logits, request.judge_weight / 100.0)) {
    CollectionHit& hit = reordered.emplace_back(std::move(report.hits[blended.index]));
    if (blended.index < logits.size()) hit.rerank_score = logits[blended.index];
  }
  report.hits = std::move(reordered);
  done.model = judge.summary().name;
  done.weight = request.judge_weight;
  done.candidates = static_cast<uint32_t>(count);
  done.judged = static_cast<uint32_t>(judged.size());
  done.taken_ms = MillisecondsSince(start);
  report.rerank = std::move(done);
  return OkStatus();
}

// As the snippets of files are shortened.
void FitTexts(std::vector<CollectionHit>& hits, uint32_t max_tokens) {
  std::vector<SearchResult> results;
  for (CollectionHit& hit : hits) {
    results.push_back(
        {.path = hit.place, .symbol = hit.collection, .snippet = std::move(hit.text)});
  }
  FitSnippets(results, max_tokens);
  hits.resize(results.size());
  for (size_t i = 0; i < hits.size(); ++i) {
    hits[i].text = std::move(results[i].snippet);
    hits[i].text_cut = results[i].snippet_cut;
  }
}

Status NamesAreMissing(qdrant::Client& client) {
  CODERANK_ASSIGN(const ServerNames names, ServerNames::Read(client));
  std::string known;
  for (const std::string& name : names.collections) {
    known += StrCat(known.empty() ? "" : ", ", name);
  }
  return InvalidArgument(StrCat("collection: expected the names of those to search, of: ",
                                known.empty() ? "none, the server has no collections" : known));
}

}  // namespace

// Vectors of another model give results without sense and without an error. So a sample is embedded
// once; that it fits is remembered for this collection, model and key.
Status Engine::State::ConfirmModel(qdrant::Client& client, const NamedCollection& collection,
                                   const CollectionModel& chosen, const CancellationToken* cancel) {
  const Embedder& embedder = *chosen.model->embedder;
  const auto mark = MarkFrom(collection.info.metadata);
  if (mark && mark->fingerprint == embedder.fingerprint()) return OkStatus();
  const std::string key = StrCat(client.url(), "\n", collection.name, "\n", embedder.fingerprint(),
                                 "\n", chosen.text_key);
  const auto file = folders.state / "confirmed" / ToHex(Sha256Of(key)).substr(0, 32);
  std::error_code error;
  if (std::filesystem::exists(file, error)) return OkStatus();
  CODERANK_ASSIGN(const qdrant::VectorField field, collection.SearchedVector());
  const DocumentVectors vectors(embedder, *kernels, nullptr, {});
  CODERANK_ASSIGN(const SampleCheck check, CheckSample(client, vectors, collection.name, field.name,
                                                       chosen.text_key, cancel));
  if (check.points == 0) return OkStatus();
  const std::string& name = chosen.model->installed.record.name;
  if (check.median_cosine >= kSameModel) {
    CODERANK_TRY(CreatePrivateFolder(file.parent_path()));
    return WriteFileAtomically(file, "");
  }
  const std::string found =
      StrCat(collection.asked, ": of ", check.points, " of its vectors the median cosine with ",
             name, "'s of the texts at ", chosen.text_key, " is ", check.median_cosine);
  if (!chosen.guessed) {
    Note(StrCat(found, "; is it really that model, and are these the texts?"));
    return OkStatus();
  }
  return FailedPrecondition(
      StrCat(found,
             ": another model's, though of the same size. Say which with --model NAME, or "
             "move it to this one with `coderank collection migrate ",
             collection.asked, "`"));
}

Result<CollectionSearchReport> Engine::SearchCollections(const CollectionSearchRequest& request,
                                                         const CancellationToken* cancel) {
  const auto start = Clock::now();
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  if (request.names.empty()) return NamesAreMissing(client);
  CollectionSearchReport report;
  std::vector<Searched> all;
  for (const std::string& name : request.names) {
    auto stage = Clock::now();
    Searched searched;
    CODERANK_ASSIGN(searched.collection, NamedCollection::Find(client, name));
    CODERANK_ASSIGN(searched.field, searched.collection.SearchedVector());
    report.timings.look_up += MillisecondsSince(stage);
    stage = Clock::now();
    CODERANK_ASSIGN(searched.model, state_->ModelOfCollection(config, client, searched.collection,
                                                              request.text_key));
    report.timings.load_model += MillisecondsSince(stage);
    stage = Clock::now();
    CODERANK_TRY(state_->ConfirmModel(client, searched.collection, searched.model, cancel));
    report.timings.look_up += MillisecondsSince(stage);
    report.by_rank = report.by_rank || (!all.empty() && all.front().model.model->installed.folder !=
                                                            searched.model.model->installed.folder);
    all.push_back(std::move(searched));
  }
  const Json filter = FilterOf(request.filters);
  for (Searched& searched : all) {
    auto stage = Clock::now();
    CODERANK_TRY(EmbedQuestion(request.query, all, cancel, searched));
    report.timings.embed += MillisecondsSince(stage);
    stage = Clock::now();
    const qdrant::Quantization& quantization = searched.field.quantization;
    CODERANK_ASSIGN(const qdrant::SearchReply found,
                    client.Search(searched.collection.name,
                                  {.vector = searched.question,
                                   .vector_name = searched.field.name,
                                   .limit = std::max(request.candidates, request.limit),
                                   .filter = filter,
                                   .exact = request.exact,
                                   .quantized = !quantization.kind.empty(),
                                   .oversampling = quantization.Oversampling()}));
    const double taken = MillisecondsSince(stage);
    report.timings.query += taken;
    for (const auto& scored : found.points) searched.hits.push_back(HitFrom(scored, searched));
    report.collections.push_back({.name = searched.collection.asked,
                                  .model = searched.model.model->installed.record.name,
                                  .text_key = searched.model.text_key,
                                  .hits = found.points.size(),
                                  .query_ms = taken,
                                  .server_ms = 1000 * found.seconds});
  }
  Merge(all, report);
  if (request.judge) {
    const auto stage = Clock::now();
    CODERANK_ASSIGN(const auto judge, OpenReranker(request.judge_model));
    CODERANK_TRY(JudgeHits(*judge, request, report, cancel));
    report.timings.rerank = MillisecondsSince(stage);
  }
  if (report.hits.size() > request.limit) report.hits.resize(request.limit);
  if (request.max_tokens > 0) FitTexts(report.hits, request.max_tokens);
  report.timings.total = MillisecondsSince(start);
  return report;
}

}  // namespace coderank
