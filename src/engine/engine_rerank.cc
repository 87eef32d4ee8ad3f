#include "engine/engine_rerank.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/model_registry.h"
#include "model/load_decoder.h"
#include "rerank/blend.h"

namespace coderank {
namespace {

std::string_view DefaultOf(ModelKind kind) {
  return kind == ModelKind::kGenerator ? kDefaultGenerator : kDefaultReranker;
}

Status NoReranker(const Config& config, ModelKind kind) {
  return NotFound(StrCat("no ", ModelKindName(kind), " is installed in ",
                         config.models_folder.value, "; `coderank model pull ", DefaultOf(kind),
                         "` downloads one, ",
                         "`coderank model add [NAME] PATH` installs one from a folder, and ",
                         "--rerank none does without"));
}

// The terms of a score still sum up and multiply to it: the new one is a factor where there is
// something to multiply, else what the old factors make the missing part of.
void SetScore(double score, RankedCandidate& ranked) {
  if (ranked.score > 0) {
    ranked.terms.push_back({.name = "reranker", .value = score / ranked.score, .is_factor = true});
  } else {
    double factors = 1;
    for (const ScoreTerm& term : ranked.terms) factors *= term.is_factor ? term.value : 1;
    ranked.terms.push_back({.name = "reranker", .value = (score - ranked.score) / factors});
  }
  ranked.score = score;
}

std::vector<double> ScoresOf(const std::vector<RankedCandidate>& ranked) {
  std::vector<double> scores;
  for (const RankedCandidate& one : ranked) scores.push_back(one.score);
  return scores;
}

void Reorder(const std::vector<Blended>& order, std::vector<RankedCandidate>& ranked) {
  std::vector<RankedCandidate> reordered;
  for (const Blended& blended : order) {
    SetScore(blended.score, reordered.emplace_back(std::move(ranked[blended.index])));
  }
  ranked = std::move(reordered);
}

class LoadedRerankModel : public RerankModel {
 public:
  explicit LoadedRerankModel(std::shared_ptr<const LoadedReranker> model)
      : model_(std::move(model)), summary_(Summarise(model_->installed)) {}

  const ModelSummary& summary() const override { return summary_; }

  Result<std::vector<RerankScore>> Score(std::string_view query,
                                         std::span<const std::string_view> documents,
                                         const CancellationToken* cancel) const override {
    CODERANK_ASSIGN(const Judgement judgement,
                    model_->reranker->Judge(query, documents, {}, cancel));
    std::vector<RerankScore> scores;
    for (const JudgedDocument& document : judgement.documents) {
      scores.push_back(
          {.score = document.logit, .tokens = document.tokens, .truncated = document.truncated});
    }
    return scores;
  }

 private:
  std::shared_ptr<const LoadedReranker> model_;
  ModelSummary summary_;
};

// A judge of lists as one of documents: the place of each, counted from the end.
class LoadedListModel : public RerankModel {
 public:
  explicit LoadedListModel(std::shared_ptr<LoadedListwise> model)
      : model_(std::move(model)), summary_(Summarise(model_->installed)) {}

  const ModelSummary& summary() const override { return summary_; }

  Result<std::vector<RerankScore>> Score(std::string_view query,
                                         std::span<const std::string_view> documents,
                                         const CancellationToken* cancel) const override {
    CODERANK_ASSIGN(const ListwiseJudgement judgement,
                    model_->reranker->Rank(query, documents, {}, cancel));
    std::vector<RerankScore> scores(documents.size());
    for (size_t place = 0; place < judgement.order.size(); ++place) {
      const size_t document = judgement.order[place];
      const ListwiseDocument& read = judgement.documents[document];
      scores[document] = {.score = static_cast<float>(documents.size() - place),
                          .tokens = read.tokens,
                          .truncated = read.truncated};
    }
    return scores;
  }

 private:
  std::shared_ptr<LoadedListwise> model_;
  ModelSummary summary_;
};

}  // namespace

Result<InstalledModel> Engine::State::FindReranker(const Config& config, std::string_view name,
                                                   ModelKind kind) const {
  const ModelStore store = ModelsOf(config);
  if (!name.empty()) {
    CODERANK_ASSIGN(InstalledModel found, store.Find(name));
    CODERANK_TRY(CheckModelKind(found.record, kind));
    return found;
  }
  CODERANK_ASSIGN(auto installed, store.List());
  std::erase_if(installed, [&](const InstalledModel& model) { return model.record.kind != kind; });
  if (installed.empty()) return NoReranker(config, kind);
  if (installed.size() == 1) return std::move(installed.front());
  std::string names;
  for (InstalledModel& model : installed) {
    if (model.record.name == DefaultOf(kind)) return std::move(model);
    names += StrCat(names.empty() ? "" : ", ", model.record.name);
  }
  return FailedPrecondition(StrCat("several models of kind ", ModelKindName(kind),
                                   " are installed (", names,
                                   "); choose one with --rerank-model NAME"));
}

Result<std::shared_ptr<const LoadedReranker>> Engine::State::LoadReranker(
    const Config& config, const InstalledModel& installed) {
  if (judge != nullptr && judge->Is(installed)) return judge;
  ThreadPool& threads = Pool(config);
  const auto load = [&] {
    return LoadCrossEncoder(installed.folder, installed.record, *kernels, threads,
                            SettingsOf(config).pack_folder);
  };
  if (options.share != nullptr) {
    CODERANK_ASSIGN(judge, options.share->Judge(installed, pool, load));
  } else {
    CODERANK_ASSIGN(auto model, load());
    judge = std::make_shared<const LoadedReranker>(
        LoadedReranker{.pool = pool,
                       .installed = installed,
                       .reranker = std::make_unique<Reranker>(std::move(model))});
  }
  return judge;
}

Result<std::shared_ptr<LoadedListwise>> Engine::State::LoadListwise(
    const Config& config, const InstalledModel& installed) {
  if (ranker != nullptr && ranker->Is(installed)) return ranker;
  ranker = nullptr;  // its memory is needed
  ThreadPool& threads = Pool(config);
  const auto load = [&]() -> Result<std::unique_ptr<ListwiseReranker>> {
    CODERANK_ASSIGN(LoadedDecoder decoder,
                    LoadGenerator(installed.folder, installed.record, *kernels, threads,
                                  SettingsOf(config).pack_folder));
    return ListwiseReranker::Make(std::move(decoder), installed.record.max_length, threads);
  };
  if (options.share != nullptr) {
    CODERANK_ASSIGN(ranker, options.share->Ranker(installed, pool, load));
  } else {
    CODERANK_ASSIGN(auto model, load());
    ranker = std::make_shared<LoadedListwise>(
        LoadedListwise{.pool = pool, .installed = installed, .reranker = std::move(model)});
  }
  return ranker;
}

Result<std::unique_ptr<RerankModel>> Engine::OpenReranker(std::string_view name) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  if (!name.empty()) {
    CODERANK_ASSIGN(const InstalledModel named, state_->ModelsOf(config).Find(name));
    if (named.record.kind == ModelKind::kGenerator) {
      CODERANK_ASSIGN(auto ranker, state_->LoadListwise(config, named));
      return std::unique_ptr<RerankModel>(std::make_unique<LoadedListModel>(std::move(ranker)));
    }
  }
  CODERANK_ASSIGN(const InstalledModel installed,
                  state_->FindReranker(config, name, ModelKind::kCrossEncoder));
  CODERANK_ASSIGN(auto model, state_->LoadReranker(config, installed));
  return std::unique_ptr<RerankModel>(std::make_unique<LoadedRerankModel>(std::move(model)));
}

Result<Engine::State::Reranking> Engine::State::Reranking::Begin(State& state,
                                                                 const RerankOptions& options,
                                                                 const ProgressSink& progress,
                                                                 const CancellationToken* cancel) {
  Reranking reranking(state, options, progress, cancel);
  if (options.method == RerankMethod::kNone) return reranking;
  if (options.WeightOrDefault() > 100) {
    return InvalidArgument(
        StrCat("rerank weight: expected 0 to 100 per cent, found ", options.WeightOrDefault()));
  }
  CODERANK_ASSIGN(reranking.config_, state.ConfigFor({}));
  const ModelKind kind =
      options.method == RerankMethod::kListwise ? ModelKind::kGenerator : ModelKind::kCrossEncoder;
  CODERANK_ASSIGN(reranking.model_, state.FindReranker(reranking.config_, options.model, kind));
  return reranking;
}

size_t Engine::State::Reranking::CandidatesFor(size_t results) const {
  return model_ ? std::max<size_t>(results, options_.DepthOrDefault()) : results;
}

std::optional<double> Engine::State::Reranking::SecondsLeft() const {
  if (!options_.budget_ms) return std::nullopt;
  return (*options_.budget_ms - MillisecondsSince(begin_)) / 1000;
}

Status Engine::State::Reranking::JudgePairs(const std::string& query,
                                            std::span<const std::string_view> texts,
                                            std::vector<RankedCandidate>& ranked,
                                            RerankReport& done) {
  CODERANK_ASSIGN(const auto loaded, state_.LoadReranker(config_, *model_));
  CODERANK_ASSIGN(const Judgement judgement,
                  loaded->reranker->Judge(query, texts, SecondsLeft(), cancel_));
  done.judged = static_cast<uint32_t>(judgement.documents.size());
  if (judgement.predicted_seconds) done.predicted_ms = 1000 * *judgement.predicted_seconds;
  done.taken_ms = 1000 * judgement.seconds;
  std::vector<float> logits;
  for (const JudgedDocument& document : judgement.documents) {
    done.truncated += document.truncated ? 1 : 0;
    ranked[logits.size()].rerank_score = document.logit;
    logits.push_back(document.logit);
  }
  if (!logits.empty()) Reorder(Blend(ScoresOf(ranked), logits, Weight()), ranked);
  return OkStatus();
}

Status Engine::State::Reranking::RankList(const std::string& query,
                                          std::span<const std::string_view> texts,
                                          std::vector<RankedCandidate>& ranked,
                                          RerankReport& done) {
  CODERANK_ASSIGN(const auto loaded, state_.LoadListwise(config_, *model_));
  const ListwiseOptions options{.task = options_.task == RerankTask::kIssue
                                            ? ListwiseTask::kIssue
                                            : ListwiseTask::kDescription,
                                .seconds = SecondsLeft(),
                                .progress = [this](const ListwiseProgress& p) { Report(p); }};
  CODERANK_ASSIGN(const ListwiseJudgement judgement,
                  loaded->reranker->Rank(query, texts, options, cancel_));
  done.judged = static_cast<uint32_t>(judgement.order.size());
  done.truncated = static_cast<uint32_t>(judgement.truncated);
  if (judgement.predicted_seconds) done.predicted_ms = 1000 * *judgement.predicted_seconds;
  done.taken_ms = 1000 * judgement.seconds;
  done.windows = static_cast<uint32_t>(judgement.windows);
  done.tokens = judgement.tokens;
  if (done.judged > 0) Reorder(BlendOrder(ScoresOf(ranked), judgement.order, Weight()), ranked);
  return OkStatus();
}

// The first report is the estimate, which those who have no display of progress hear too.
void Engine::State::Reranking::Report(const ListwiseProgress& progress) const {
  constexpr double kWorthSaying = 2;  // seconds
  if (progress.tokens_done == 0 && progress.seconds_left > kWorthSaying && state_.options.log) {
    state_.options.log(LogLevel::kInfo,
                       StrCat(model_->record.name, " ranks ", progress.documents,
                              " candidates, about ", progress.tokens_total, " tokens, in about ",
                              std::lround(progress.seconds_left), " s; interrupt to give up"));
  }
  if (progress_ == nullptr || !*progress_) return;
  (*progress_)({.phase = IndexProgress::Phase::kReranking,
                .tokens_done = progress.tokens_done,
                .seconds = progress.seconds,
                .tokens_total = progress.tokens_total,
                .seconds_left = progress.seconds_left});
}

Status Engine::State::Reranking::Apply(const std::string& query,
                                       const std::vector<Candidate>& candidates, TextOf text_of,
                                       size_t results, std::vector<RankedCandidate>& ranked,
                                       SearchReport& report) {
  if (!model_) return OkStatus();
  const Clock::time_point start = Clock::now();
  RerankReport done{.model = model_->record.name,
                    .weight = options_.WeightOrDefault(),
                    .predicted_ms = {},
                    .budget_ms = options_.budget_ms};
  // Filters alone ask for nothing that could be judged.
  const size_t count =
      query.empty() ? 0 : std::min<size_t>(ranked.size(), options_.DepthOrDefault());
  if (count > 0) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < count; ++i) {
      CODERANK_ASSIGN(std::string text, text_of(candidates[ranked[i].index]));
      texts.push_back(std::move(text));
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    done.candidates = static_cast<uint32_t>(count);
    CODERANK_TRY(options_.method == RerankMethod::kListwise
                     ? RankList(query, views, ranked, done)
                     : JudgePairs(query, views, ranked, done));
  }
  if (ranked.size() > results) ranked.resize(results);
  report.rerank = std::move(done);
  report.timings.rerank = MillisecondsSince(start);
  return OkStatus();
}

std::vector<size_t> BestFirst(const std::vector<RerankScore>& scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a].score > scores[b].score; });
  return order;
}

}  // namespace coderank
