// Engine: moving collections to another model, and back.
#include <utility>

#include "base/try.h"
#include "engine/engine_state.h"
#include "migration/migrate.h"
#include "migration/name_switch.h"

namespace coderank {

Result<MigrationReport> Engine::MigrateCollection(const MigrationRequest& request,
                                                  const CollectionProgressSink& progress,
                                                  const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  CODERANK_ASSIGN(const std::string name, state_->ChooseModel(config, ""));
  CODERANK_ASSIGN(const auto model, state_->Load(config, name));
  EmbeddingCache cache = state_->CacheOf(config);
  DocumentVectors vectors(*model->embedder, *state_->kernels,
                          cache.max_bytes() == 0 ? nullptr : &cache, state_->options.log);
  MigrationRequest asked = request;
  if (const auto known = config.collections.find(request.source);
      asked.text_key.empty() && known != config.collections.end()) {
    asked.text_key = known->second.text_key;
  }
  Migration migration(
      {.client = client,
       .vectors = vectors,
       .model = model->installed.record.name,
       .fingerprint = model->embedder->fingerprint(),
       .state_folder = state_->folders.state,
       .snapshot_folder = request.snapshot_folder.empty() ? state_->folders.data / "snapshots"
                                                          : request.snapshot_folder,
       .log = state_->options.log,
       .progress = progress,
       .cancel = cancel},
      std::move(asked));
  return migration.Run();
}

Result<RollbackReport> Engine::RollBackCollection(const std::string& name,
                                                  const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  NameSwitch name_switch(client, {});
  return name_switch.GiveBack(name);
}

}  // namespace coderank
