// Engine: moving collections to another model, and back.
#include <cstdint>
#include <string>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/price.h"
#include "migration/migrate.h"
#include "migration/name_switch.h"
#include "remote/service_connection.h"

namespace coderank {
namespace {

// What a service counts, and what it takes for that.
struct ServiceCost {
  uint64_t tokens = 0;
  double usd_per_million_tokens = 0;  // 0: not known

  double Usd() const { return static_cast<double>(tokens) / 1e6 * usd_per_million_tokens; }
  // "about 800 tokens, less than $0.01".
  std::string Text() const {
    return StrCat("about ", tokens, " tokens",
                  PriceOf(static_cast<double>(tokens), usd_per_million_tokens));
  }
};

}  // namespace

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
  MigrationContext context{.client = client,
                           .vectors = vectors,
                           .model = model->installed.record.name,
                           .fingerprint = model->embedder->fingerprint(),
                           .state_folder = state_->folders.state,
                           .snapshot_folder = request.snapshot_folder.empty()
                                                  ? state_->folders.data / "snapshots"
                                                  : request.snapshot_folder,
                           .consent = {},
                           .announce = {},
                           .log = state_->options.log,
                           .progress = progress,
                           .cancel = cancel};
  if (!model->installed.remote) return Migration(std::move(context), std::move(asked)).Run();

  // What goes to a service, and what that comes to, is told and asked first.
  const RemoteInstallation& service = *model->installed.remote;
  ServiceCost cost{.usd_per_million_tokens = service.access.usd_per_million_tokens};
  context.consent = [&](const TextsAhead& ahead) {
    cost.tokens = ahead.texts == 0 ? 0 : remote::AboutTokens(ahead.bytes);
    const TextsOwner owner{.name = StrCat("collection ", ahead.collection, " on ", client.url()),
                           .kind = "collection"};
    return state_->CheckAgreed(
        service.model.url, owner, request.agreed, [&]() -> Result<std::string> {
          return StrCat("the texts of about ", ahead.texts, " points (", cost.Text(), ")");
        });
  };
  context.announce = [&](const TextsAhead& ahead) {
    std::string time;
    if (ahead.seconds > 0) time = StrCat(", about ", TimeOf(ahead.seconds));
    if (ahead.seconds == 0 && request.dry_run) time = "; the time is measured once --yes was said";
    state_->Note(StrCat(ahead.collection, ": embedding about ", ahead.texts, " texts with ", name,
                        ": ", cost.Text(), time));
  };
  auto report = Migration(std::move(context), std::move(asked)).Run();
  if (!report) return report;
  report->estimated_tokens = cost.tokens;
  report->estimated_usd = cost.Usd();
  return report;
}

Result<RollbackReport> Engine::RollBackCollection(const std::string& name,
                                                  const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  NameSwitch name_switch(client, {});
  return name_switch.GiveBack(name);
}

}  // namespace coderank
