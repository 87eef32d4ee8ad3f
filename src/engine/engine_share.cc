#include "engine/engine_share.h"

#include <utility>

#include "base/try.h"

namespace coderank {
namespace {

// On two kinds of threads each: the models of indexes made with different ones.
constexpr size_t kMostModels = 8;
// Whoever reranks uses one, as a rule.
constexpr size_t kMostJudges = 2;

}  // namespace

bool LoadedModel::Is(const InstalledModel& model) const {
  return installed.folder == model.folder && embedder->fingerprint() == model.record.Fingerprint();
}

bool LoadedReranker::Is(const InstalledModel& model) const {
  return installed.folder == model.folder &&
         installed.record.Fingerprint() == model.record.Fingerprint();
}

bool LoadedListwise::Is(const InstalledModel& model) const {
  return installed.folder == model.folder &&
         installed.record.Fingerprint() == model.record.Fingerprint();
}

std::shared_ptr<ThreadPool> EngineShare::Pool(size_t threads) {
  const std::lock_guard lock(mutex_);
  if (pool_ == nullptr) pool_ = std::make_shared<ThreadPool>(threads);
  return pool_;
}

// On these threads, or else moved to them from others.
std::shared_ptr<const LoadedModel> EngineShare::Find(const InstalledModel& installed,
                                                     const std::shared_ptr<ThreadPool>& pool) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const LoadedModel> elsewhere;
  for (const auto& model : models_) {
    if (!model->Is(installed)) continue;
    if (model->pool == pool) return model;
    elsewhere = model;
  }
  if (elsewhere == nullptr) return nullptr;
  Keep(std::make_shared<const LoadedModel>(pool, installed, elsewhere->embedder->OnPool(*pool)));
  return models_.back();
}

// Precondition: the caller holds mutex_. Who uses a model that is dropped here keeps it.
void EngineShare::Keep(std::shared_ptr<const LoadedModel> model) {
  models_.push_back(std::move(model));
  if (models_.size() > kMostModels) models_.erase(models_.begin());
}

Result<std::shared_ptr<const LoadedModel>> EngineShare::Model(
    const InstalledModel& installed, const std::shared_ptr<ThreadPool>& pool, const Loader& load) {
  if (auto found = Find(installed, pool)) return found;
  const std::lock_guard one_at_a_time(loading_);
  if (auto found = Find(installed, pool)) return found;
  CODERANK_ASSIGN(auto embedder, load());
  auto model = std::make_shared<const LoadedModel>(pool, installed, std::move(embedder));
  const std::lock_guard lock(mutex_);
  Keep(model);
  return model;
}

std::shared_ptr<const LoadedReranker> EngineShare::FindJudge(
    const InstalledModel& installed, const std::shared_ptr<ThreadPool>& pool) {
  const std::lock_guard lock(mutex_);
  for (const auto& judge : judges_) {
    if (judge->pool == pool && judge->Is(installed)) return judge;
  }
  return nullptr;
}

Result<std::shared_ptr<const LoadedReranker>> EngineShare::Judge(
    const InstalledModel& installed, const std::shared_ptr<ThreadPool>& pool,
    const RerankerLoader& load) {
  if (auto found = FindJudge(installed, pool)) return found;
  const std::lock_guard one_at_a_time(loading_);
  if (auto found = FindJudge(installed, pool)) return found;
  CODERANK_ASSIGN(auto model, load());
  const auto judge = std::make_shared<const LoadedReranker>(
      LoadedReranker{.pool = pool,
                     .installed = installed,
                     .reranker = std::make_unique<Reranker>(std::move(model))});
  const std::lock_guard lock(mutex_);
  judges_.push_back(judge);
  if (judges_.size() > kMostJudges) judges_.erase(judges_.begin());
  return judge;
}

Result<std::shared_ptr<LoadedListwise>> EngineShare::Ranker(const InstalledModel& installed,
                                                            const std::shared_ptr<ThreadPool>& pool,
                                                            const RankerLoader& load) {
  const std::lock_guard one_at_a_time(loading_);
  if (ranker_ != nullptr && ranker_->pool == pool && ranker_->Is(installed)) return ranker_;
  ranker_ = nullptr;  // its memory is needed
  CODERANK_ASSIGN(auto model, load());
  ranker_ = std::make_shared<LoadedListwise>(
      LoadedListwise{.pool = pool, .installed = installed, .reranker = std::move(model)});
  return ranker_;
}

std::shared_ptr<EngineShare> MakeEngineShare() { return std::make_shared<EngineShare>(); }

}  // namespace coderank
