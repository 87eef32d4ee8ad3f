// Engine: from a question to the indexes that can answer it.
#include <algorithm>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_rerank.h"
#include "engine/engine_state.h"
#include "engine/searched_index.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// A first question waits this long for vectors: as long as people stay with a command, and enough
// for a few hundred chunks of a small model. The rest is the next `coderank index`'s.
constexpr double kFirstAnswerSeconds = 3;

// Scores of vectors can be compared when one model made them all.
Status CheckOneModel(const std::vector<SearchedIndex>& indexes) {
  const SearchedIndex* first = nullptr;
  std::string fingerprint;
  for (const SearchedIndex& index : indexes) {
    if (index.model == nullptr) continue;
    CODERANK_ASSIGN(const std::string other, index.opened->store.Meta(kMetaFingerprint));
    if (first == nullptr) {
      first = &index;
      fingerprint = other;
    } else if (other != fingerprint) {
      return FailedPrecondition(
          StrCat(index.location.root, ": its vectors are of ", index.model->installed.record.name,
                 ", those of ", first->location.root, " of ", first->model->installed.record.name,
                 " or other settings; index them alike, or search with --mode lexical"));
    }
  }
  return OkStatus();
}

// The error for a snapshot whose model is not installed as it was.
Status OtherModel(const SearchedIndex& snapshot) {
  CODERANK_ASSIGN(const std::string model, snapshot.opened->store.Meta(kMetaModel));
  CODERANK_ASSIGN(const std::string fingerprint, snapshot.opened->store.Meta(kMetaFingerprint));
  return FailedPrecondition(StrCat(snapshot.location.root, ": its vectors are of model ", model,
                                   " with fingerprint ", fingerprint.substr(0, 12),
                                   ", which the installed one does not have; install that, or ",
                                   "use the --precision and --max-tokens it was made with"));
}

// Whether anything of what is searched is in the index. Where nothing is, the index is as good as
// none: its first run is busy and has committed no file, or the folder came after it, as a clone.
Result<bool> Covers(OpenedIndex& index, const IndexLocation& location) {
  CODERANK_ASSIGN(const StoreCounts counts, index.Count());
  if (counts.files == 0) return false;
  if (location.subpath.empty() || location.id.empty()) return true;
  CODERANK_ASSIGN(const bool is_file, index.store.HasFile(location.subpath));
  if (is_file) return true;
  return index.store.HasFilesBelow(location.subpath);
}

}  // namespace

IndexRequest FirstIndexRun(const SearchRequest& search, const fs::path& directory) {
  return {.directory = directory,
          .embedding_seconds = search.wait_for_vectors ? 0 : kFirstAnswerSeconds,
          .explain_budget = search.wait_for_vectors,
          .agreed = search.agreed};
}

Result<std::shared_ptr<const LoadedModel>> Engine::State::ModelForSearch(const SearchedIndex& index,
                                                                         SearchMode mode) {
  std::shared_ptr<const LoadedModel> none;
  if (mode == SearchMode::kLexical) return none;
  const IndexStore& store = index.opened->store;
  CODERANK_ASSIGN(const size_t dimension, store.VectorDimension());
  const bool chosen = ModelIsChosenNow(index.config);
  if (dimension == 0 && mode == SearchMode::kHybrid) {
    if (chosen) CODERANK_TRY(CheckModel(index.config));
    return none;
  }
  auto model = LoadFor(index.config, store);
  // A tree's index can be made anew with the model that is there; a snapshot cannot.
  const bool other = !model && model.error().code() == StatusCode::kFailedPrecondition &&
                     index.location.is_snapshot;
  if (other) model = OtherModel(index);
  const StatusCode failure = model ? StatusCode::kOk : model.error().code();
  // No such model, or not the key of the service that has it.
  const bool missing =
      other || failure == StatusCode::kNotFound || failure == StatusCode::kPermissionDenied;
  if (missing && !chosen && mode == SearchMode::kHybrid) {
    Note(StrCat("searching by words alone: ", model.error().message()));
    return none;
  }
  if (model && dimension == 0) {
    return FailedPrecondition(
        "mode semantic: the index has no vectors yet; run `coderank index`, or use --mode hybrid");
  }
  return model;
}

Result<SearchedIndex> Engine::State::OpenForSearch(const fs::path& directory,
                                                   const SearchRequest& request,
                                                   const ProgressSink& progress,
                                                   const CancellationToken* cancel) {
  SearchedIndex index;
  CODERANK_ASSIGN(auto location, FindIndex(directory));
  if (location) {
    auto found = opened.Get(*location, *kernels);
    // Not there: a run was killed, or is busy, before its first commit.
    if (!found && found.error().code() != StatusCode::kNotFound) return found.error();
    if (found) index.opened = *std::move(found);
  }
  if (index.opened != nullptr && request.look_for_changes) {
    CODERANK_ASSIGN(index.freshness, RefreshIfCheap(*location, *index.opened, cancel));
    if (index.freshness.new_files > 0 && !index.freshness.refreshed) {
      CODERANK_ASSIGN(const bool covered, Covers(*index.opened, *location));
      if (!covered) index.opened = nullptr;
    }
  }
  if (index.opened == nullptr) {
    index.location.root = location ? location->root : directory;
    if (!request.make_index) return index;
    const IndexRequest run = FirstIndexRun(request, index.location.root);
    CODERANK_ASSIGN(const IndexReport indexed, Build(run, progress, cancel));
    CODERANK_ASSIGN(location, FindIndex(directory));
    if (!location) return NotFound(StrCat(indexed.root, ": its new index cannot be found"));
    index.freshness = {.known = true, .refreshed = true};
  }
  if (index.opened == nullptr || index.freshness.refreshed) {
    CODERANK_ASSIGN(index.opened, opened.Get(*location, *kernels));
  }
  CODERANK_ASSIGN(index.config, ConfigFor(location->root));
  index.location = *std::move(location);
  return index;
}

Result<SearchReport> Engine::Search(const SearchRequest& request, const ProgressSink& progress,
                                    const CancellationToken* cancel) {
  if (IsBlank(request.query)) {
    return InvalidArgument("query: expected words or names to look for, found nothing");
  }
  state_->notes.clear();
  CODERANK_ASSIGN(const ParsedSearch parsed, ParseSearch(request.query));
  CODERANK_ASSIGN(const SearchFilters filters, SearchFilters::Make(request, parsed));
  CODERANK_ASSIGN(auto reranking,
                  State::Reranking::Begin(*state_, request.rerank, progress, cancel));
  SearchReport report;
  Stopwatch total;
  Stopwatch stage;
  std::vector<fs::path> directories = {request.directory};
  directories.insert(directories.end(), request.more_directories.begin(),
                     request.more_directories.end());
  std::vector<SearchedIndex> indexes;
  if (!request.snapshot.empty()) {
    directories.clear();
    CODERANK_ASSIGN(SearchedIndex index, state_->OpenSnapshot(request.snapshot, cancel));
    indexes.push_back(std::move(index));
  }
  for (const fs::path& directory : directories) {
    CODERANK_ASSIGN(SearchedIndex index,
                    state_->OpenForSearch(directory, request, progress, cancel));
    if (index.opened == nullptr) report.unindexed.push_back(index.location.root);
    if (directories.size() > 1) index.shown_below = directory;
    indexes.push_back(std::move(index));
  }
  if (!report.unindexed.empty()) return report;
  report.timings.index = stage.Lap();
  for (SearchedIndex& index : indexes) {
    CODERANK_ASSIGN(index.model, state_->ModelForSearch(index, request.mode));
  }
  CODERANK_TRY(CheckOneModel(indexes));
  report.timings.load_model = stage.Lap();

  Question question{.request = request,
                    .parsed = parsed,
                    .filters = filters,
                    .text = parsed.text,
                    .analysis = AnalyseQuery(parsed.text),
                    .vector = {},
                    .excluded_chunk = {},
                    .cancel = cancel};
  const auto with_model = std::find_if(indexes.begin(), indexes.end(),
                                       [](const auto& index) { return index.model != nullptr; });
  report.mode = with_model == indexes.end() ? SearchMode::kLexical : request.mode;
  // Filters alone ask for nothing that a vector could say.
  if (with_model != indexes.end() && !parsed.text.empty()) {
    auto embedding = with_model->model->queries->EmbedQuery(parsed.text, cancel);
    // A service that is away leaves the words.
    const bool away = !embedding && embedding.error().code() == StatusCode::kUnavailable &&
                      request.mode == SearchMode::kHybrid;
    if (!embedding && !away) return embedding.error();
    if (away) {
      state_->Note(StrCat("searching by words alone: ", embedding.error().message()));
      report.mode = SearchMode::kLexical;
    } else {
      question.vector = std::move(embedding->vector);
      report.model = with_model->model->installed.record.name;
    }
  }
  report.timings.embed = stage.Lap();
  CODERANK_TRY(state_->Answer(question, indexes, report, &reranking));
  report.timings.search = stage.Lap() - report.timings.rerank;
  report.timings.total = total.Lap();
  report.notes = std::move(state_->notes);
  return report;
}

}  // namespace coderank
