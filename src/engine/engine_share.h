// EngineShare: what the engines of one process have in common.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/engine.h"
#include "coderank/result.h"
#include "embed/embedder.h"
#include "engine/followed_trees.h"
#include "engine/model_store.h"
#include "engine/query_batcher.h"
#include "rerank/listwise_reranker.h"
#include "rerank/reranker.h"

namespace coderank {

struct LoadedModel {
  // `pool` is the embedder's: an EmbeddingModel may outlive its Engine.
  LoadedModel(std::shared_ptr<ThreadPool> its_pool, InstalledModel model,
              std::unique_ptr<Embedder> its_embedder)
      : pool(std::move(its_pool)),
        installed(std::move(model)),
        embedder(std::move(its_embedder)),
        queries(std::make_unique<QueryBatcher>(*embedder)) {}

  // Whether it is what `model` is on disk now, under the same settings.
  bool Is(const InstalledModel& model) const;

  std::shared_ptr<ThreadPool> pool;
  InstalledModel installed;
  std::unique_ptr<Embedder> embedder;
  std::unique_ptr<QueryBatcher> queries;
};

struct LoadedReranker {
  bool Is(const InstalledModel& model) const;

  std::shared_ptr<ThreadPool> pool;  // the model's: a RerankModel may outlive its Engine
  InstalledModel installed;
  std::unique_ptr<Reranker> reranker;
};

// A judge of lists: calls wait for each other.
struct LoadedListwise {
  bool Is(const InstalledModel& model) const;

  std::shared_ptr<ThreadPool> pool;  // the model's: a RerankModel may outlive its Engine
  InstalledModel installed;
  std::unique_ptr<ListwiseReranker> reranker;
};

// Thread-safe.
class EngineShare {
 public:
  using Loader = std::function<Result<std::unique_ptr<Embedder>>()>;
  using RerankerLoader = std::function<Result<std::unique_ptr<CrossEncoder>>()>;
  using RankerLoader = std::function<Result<std::unique_ptr<ListwiseReranker>>()>;

  // The threads of engines that have none of their own; made by the first that asks.
  std::shared_ptr<ThreadPool> Pool(size_t threads);

  // The model on these threads. `load` is called when the share does not have it, once, however
  // many ask at a time; on other threads it is the same weights.
  Result<std::shared_ptr<const LoadedModel>> Model(const InstalledModel& installed,
                                                   const std::shared_ptr<ThreadPool>& pool,
                                                   const Loader& load);

  // The same for a cross-encoder, which other threads load for themselves.
  Result<std::shared_ptr<const LoadedReranker>> Judge(const InstalledModel& installed,
                                                      const std::shared_ptr<ThreadPool>& pool,
                                                      const RerankerLoader& load);

  // The same for a judge of lists. One is kept at a time: its memory is that of a language model.
  Result<std::shared_ptr<LoadedListwise>> Ranker(const InstalledModel& installed,
                                                 const std::shared_ptr<ThreadPool>& pool,
                                                 const RankerLoader& load);

  // The trees that are searched.
  FollowedTrees& trees() { return trees_; }

 private:
  using Models = std::vector<std::shared_ptr<const LoadedModel>>;

  std::shared_ptr<const LoadedModel> Find(const InstalledModel& installed,
                                          const std::shared_ptr<ThreadPool>& pool);
  void Keep(std::shared_ptr<const LoadedModel> model);
  std::shared_ptr<const LoadedReranker> FindJudge(const InstalledModel& installed,
                                                  const std::shared_ptr<ThreadPool>& pool);

  std::mutex loading_;  // taken before mutex_
  std::mutex mutex_;
  std::shared_ptr<ThreadPool> pool_;  // guarded by mutex_
  Models models_;                     // guarded by mutex_; the last loaded at the end
  std::vector<std::shared_ptr<const LoadedReranker>> judges_;  // the same
  std::shared_ptr<LoadedListwise> ranker_;                     // guarded by loading_
  FollowedTrees trees_;
};

}  // namespace coderank
