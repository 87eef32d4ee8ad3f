#include "evaluation/evaluate.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/scratch_folder.h"
#include "base/strings.h"
#include "base/try.h"
#include "evaluation/document_collection.h"
#include "evaluation/trec_run.h"

namespace coderank::evaluation {
namespace {

namespace fs = std::filesystem;

void Note(const EngineOptions& options, const std::string& text) {
  if (options.log) options.log(LogLevel::kInfo, text);
}

// One repository or collection on its way through an engine of its own.
class RepositoryEvaluator {
 public:
  RepositoryEvaluator(const Dataset& dataset, const Repository& repository,
                      const EvaluateOptions& options, fs::path work)
      : dataset_(dataset),
        repository_(repository),
        options_(options),
        work_(std::move(work)),
        root_(repository.root) {}

  Result<RepositoryRun> Run(const ProgressSink& progress, const CancellationToken* cancel) {
    if (dataset_.layout == Layout::kDocumentCollection) {
      CODERANK_ASSIGN(DocumentTree tree, WriteDocuments(dataset_.folder, work_ / "documents"));
      root_ = std::move(tree.root);
      document_ids_ = std::move(tree.ids);
    } else if (std::error_code error; !fs::is_directory(root_, error)) {
      return NotFound(StrCat(root_, ": expected the sources of ", repository_.name,
                             ", found no folder; --sources names the folder of <name>/source"));
    }
    EngineOptions engine_options = options_.engine;
    engine_options.index_folder = work_ / "index";
    CODERANK_ASSIGN(engine_, Engine::Open(std::move(engine_options)));
    return IndexAndSearch(progress, cancel);
  }

  // Removes the index and what the user's state folder knows of it.
  void Forget() {
    if (engine_) (void)engine_->Clear(root_);
  }

  const std::string& model() const { return model_; }
  const std::string& reranker() const { return reranker_; }  // empty: none took part

 private:
  Result<RepositoryRun> IndexAndSearch(const ProgressSink& progress,
                                       const CancellationToken* cancel) {
    RepositoryRun run{.name = repository_.name, .language = repository_.language};
    CODERANK_ASSIGN(const IndexReport indexed,
                    engine_->Index({.directory = root_,
                                    .use_ignore_files = UseIgnoreFiles(),
                                    .embedding_seconds = EmbeddingSeconds(),
                                    .agreed = options_.search.agreed},
                                   progress, cancel));
    run.coverage = indexed.coverage;
    run.index_seconds = indexed.seconds;
    model_ = indexed.model;
    for (const Query& query : repository_.queries) {
      double milliseconds = 0;
      CODERANK_ASSIGN(auto results, Find(query.text, milliseconds, cancel));
      run.queries.push_back(
          ScoreQuery(query, dataset_.layout, std::move(results), options_.search.limit));
      run.queries.back().milliseconds = milliseconds;
    }
    return run;
  }

  // Documents are files of ours: no rule of the user's may leave one out.
  bool UseIgnoreFiles() const { return dataset_.layout == Layout::kAnnotatedTrees; }

  // Measures are of complete indexes; words need no vectors.
  double EmbeddingSeconds() const {
    constexpr double kAsLongAsItTakes = 0;
    constexpr double kNearlyNone = 1e-3;
    return options_.search.mode == SearchMode::kLexical ? kNearlyNone : kAsLongAsItTakes;
  }

  // A blank query has no answer, which is no reason to stop.
  Result<std::vector<RankedResult>> Find(const std::string& text, double& milliseconds,
                                         const CancellationToken* cancel) {
    std::vector<RankedResult> found;
    SearchRequest request = options_.search;
    request.query = text;
    request.directory = root_;
    request.offset = 0;
    while (!IsBlank(text)) {
      CODERANK_ASSIGN(const SearchReport report, engine_->Search(request, {}, cancel));
      milliseconds = report.timings.embed + report.timings.search + report.timings.rerank;
      if (report.rerank) reranker_ = report.rerank->model;
      found = Ranked(report);
      const bool all = report.results.size() < request.limit;
      if (found.size() >= options_.search.limit || all) break;
      request.limit *= 2;
    }
    found.resize(std::min<size_t>(found.size(), options_.search.limit));
    return found;
  }

  std::vector<RankedResult> Ranked(const SearchReport& report) const {
    std::vector<RankedResult> ranked;
    for (const SearchResult& result : report.results) {
      ranked.push_back({.path = result.path,
                        .lines = {.first = result.start_line, .last = result.end_line},
                        .score = result.score});
    }
    if (dataset_.layout == Layout::kAnnotatedTrees) return ranked;
    for (RankedResult& result : ranked) {
      const auto number = DocumentNumber(result.path);
      result.path = number && *number < document_ids_.size() ? document_ids_[*number] : "";
      result.lines = {};
    }
    return BestOfEachDocument(ranked);
  }

  const Dataset& dataset_;
  const Repository& repository_;
  const EvaluateOptions& options_;
  fs::path work_;
  fs::path root_;
  std::vector<std::string> document_ids_;  // by number
  std::optional<Engine> engine_;
  std::string model_;
  std::string reranker_;
};

EvaluationRun EmptyRun(const Dataset& dataset, uint32_t cutoff) {
  EvaluationRun run;
  run.dataset = dataset.name;
  run.layout = dataset.layout;
  run.cutoff = cutoff;
  return run;
}

}  // namespace

Result<EvaluationRun> Evaluate(const Dataset& dataset, const EvaluateOptions& options,
                               const ProgressSink& progress, const CancellationToken* cancel) {
  fs::path work = options.work_folder;
  std::optional<ScratchFolder> scratch;
  if (work.empty()) {
    CODERANK_ASSIGN(scratch, ScratchFolder::Create());
    work = scratch->path();
  }
  EvaluationRun run = EmptyRun(dataset, options.search.limit);
  for (const Repository& repository : dataset.repositories) {
    Note(options.engine,
         StrCat("evaluating ", repository.name, ", ", repository.queries.size(), " queries (",
                run.repositories.size() + 1, " of ", dataset.repositories.size(), ")"));
    RepositoryEvaluator evaluator(dataset, repository, options, work / repository.name);
    auto evaluated = evaluator.Run(progress, cancel);
    if (scratch) evaluator.Forget();
    if (!evaluated) return evaluated.error();
    if (options.search.mode != SearchMode::kLexical) run.settings["model"] = evaluator.model();
    if (!evaluator.reranker().empty()) {
      run.settings["reranker"] = evaluator.reranker();
      run.settings["rerank depth"] = std::to_string(options.search.rerank.DepthOrDefault());
      run.settings["rerank weight"] = std::to_string(options.search.rerank.WeightOrDefault());
    }
    run.repositories.push_back(*std::move(evaluated));
  }
  return run;
}

Result<EvaluationRun> EvaluateTrecRun(const Dataset& dataset, const std::filesystem::path& file,
                                      uint32_t cutoff) {
  CODERANK_ASSIGN(ResultsByQuery results, ReadTrecRun(file, dataset.layout));
  EvaluationRun run = EmptyRun(dataset, cutoff);
  run.settings["run"] = file.filename().native();
  for (const Repository& repository : dataset.repositories) {
    RepositoryRun& scored = run.repositories.emplace_back(
        RepositoryRun{.name = repository.name, .language = repository.language});
    for (const Query& query : repository.queries) {
      std::vector<RankedResult> found = std::move(results[query.id]);
      if (dataset.layout == Layout::kDocumentCollection) found = BestOfEachDocument(found);
      found.resize(std::min<size_t>(found.size(), cutoff));
      scored.queries.push_back(ScoreQuery(query, dataset.layout, std::move(found), cutoff));
    }
  }
  return run;
}

}  // namespace coderank::evaluation
