#include "engine/engine_rerank.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/model_registry.h"
#include "rerank/blend.h"

namespace coderank {
namespace {

Status NoReranker(const Config& config) {
  return NotFound(StrCat("no cross-encoder is installed in ", config.models_folder.value,
                         "; `coderank model pull ", kDefaultReranker, "` downloads one, ",
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

void Reorder(const Judgement& judgement, double weight, std::vector<RankedCandidate>& ranked) {
  std::vector<double> scores;
  for (const RankedCandidate& one : ranked) scores.push_back(one.score);
  std::vector<float> logits;
  for (const JudgedDocument& document : judgement.documents) logits.push_back(document.logit);
  std::vector<RankedCandidate> reordered;
  for (const Blended& blended : Blend(scores, logits, weight)) {
    RankedCandidate& one = reordered.emplace_back(std::move(ranked[blended.index]));
    SetScore(blended.score, one);
    if (blended.index < logits.size()) one.rerank_score = logits[blended.index];
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

}  // namespace

Result<InstalledModel> Engine::State::FindReranker(const Config& config,
                                                   std::string_view name) const {
  const ModelStore store = ModelsOf(config);
  if (!name.empty()) {
    CODERANK_ASSIGN(InstalledModel found, store.Find(name));
    CODERANK_TRY(CheckModelKind(found.record, ModelKind::kCrossEncoder));
    return found;
  }
  CODERANK_ASSIGN(auto installed, store.List());
  std::erase_if(installed, [](const InstalledModel& model) {
    return model.record.kind != ModelKind::kCrossEncoder;
  });
  if (installed.empty()) return NoReranker(config);
  if (installed.size() == 1) return std::move(installed.front());
  std::string names;
  for (InstalledModel& model : installed) {
    if (model.record.name == kDefaultReranker) return std::move(model);
    names += StrCat(names.empty() ? "" : ", ", model.record.name);
  }
  return FailedPrecondition(StrCat("several cross-encoders are installed (", names,
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

Result<std::unique_ptr<RerankModel>> Engine::OpenReranker(std::string_view name) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(const InstalledModel installed, state_->FindReranker(config, name));
  CODERANK_ASSIGN(auto model, state_->LoadReranker(config, installed));
  return std::unique_ptr<RerankModel>(std::make_unique<LoadedRerankModel>(std::move(model)));
}

Result<Engine::State::Reranking> Engine::State::Reranking::Begin(State& state,
                                                                 const RerankOptions& options,
                                                                 const CancellationToken* cancel) {
  Reranking reranking(state, options, cancel);
  if (options.method == RerankMethod::kNone) return reranking;
  if (options.weight > 100) {
    return InvalidArgument(
        StrCat("rerank weight: expected 0 to 100 per cent, found ", options.weight));
  }
  CODERANK_ASSIGN(reranking.config_, state.ConfigFor({}));
  CODERANK_ASSIGN(reranking.model_, state.FindReranker(reranking.config_, options.model));
  return reranking;
}

size_t Engine::State::Reranking::CandidatesFor(size_t results) const {
  return model_ ? std::max<size_t>(results, options_.depth) : results;
}

double Engine::State::Reranking::MillisecondsSince(Clock::time_point start) const {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Result<Judgement> Engine::State::Reranking::Judge(const std::string& query,
                                                  const std::vector<std::string>& texts) {
  CODERANK_ASSIGN(const auto loaded, state_.LoadReranker(config_, *model_));
  const std::vector<std::string_view> documents(texts.begin(), texts.end());
  std::optional<double> seconds;
  if (options_.budget_ms) seconds = (*options_.budget_ms - MillisecondsSince(begin_)) / 1000;
  return loaded->reranker->Judge(query, documents, seconds, cancel_);
}

Status Engine::State::Reranking::Apply(const std::string& query,
                                       const std::vector<Candidate>& candidates, TextOf text_of,
                                       size_t results, std::vector<RankedCandidate>& ranked,
                                       SearchReport& report) {
  if (!model_) return OkStatus();
  const Clock::time_point start = Clock::now();
  RerankReport done{.model = model_->record.name,
                    .weight = options_.weight,
                    .predicted_ms = {},
                    .budget_ms = options_.budget_ms};
  // Filters alone ask for nothing that could be judged.
  const size_t count = query.empty() ? 0 : std::min<size_t>(ranked.size(), options_.depth);
  if (count > 0) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < count; ++i) {
      CODERANK_ASSIGN(std::string text, text_of(candidates[ranked[i].index]));
      texts.push_back(std::move(text));
    }
    CODERANK_ASSIGN(const Judgement judgement, Judge(query, texts));
    done.candidates = static_cast<uint32_t>(count);
    done.judged = static_cast<uint32_t>(judgement.documents.size());
    for (const JudgedDocument& document : judgement.documents) {
      done.truncated += document.truncated ? 1 : 0;
    }
    if (judgement.predicted_seconds) done.predicted_ms = 1000 * *judgement.predicted_seconds;
    done.taken_ms = 1000 * judgement.seconds;
    if (done.judged > 0) Reorder(judgement, options_.weight / 100.0, ranked);
  }
  if (ranked.size() > results) ranked.resize(results);
  report.rerank = std::move(done);
  report.timings.rerank = MillisecondsSince(start);
  return OkStatus();
}

}  // namespace coderank
