// Engine: an index's chunks and vectors to a collection.
#include <system_error>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "migration/index_push.h"
#include "net/url.h"

namespace coderank {

Result<std::string> TextsOf(const IndexStore& store) {
  CODERANK_ASSIGN(const StoreCounts counts, store.Count());
  return StrCat("the texts of ", counts.chunks, " chunks");
}

Status Engine::State::CheckAgreed(const std::string& url, const std::filesystem::path& root,
                                  bool agreed, FunctionRef<Result<std::string>()> what) const {
  return CheckAgreed(url, TextsOwner{.name = root.native(), .kind = "tree"}, agreed, what);
}

// A server on this machine sees nothing that was not here.
Status Engine::State::CheckAgreed(const std::string& url, const TextsOwner& owner, bool agreed,
                                  FunctionRef<Result<std::string>()> what) const {
  CODERANK_ASSIGN(const Url parsed, ParseUrl(url));
  if (IsLoopback(parsed)) return OkStatus();
  const std::string server = StrCat(parsed.scheme, "://", parsed.host, ":", parsed.port);
  const std::string key = StrCat(server, "\n", owner.name);
  const auto file = folders.state / "agreed" / ToHex(Sha256Of(key)).substr(0, 32);
  std::error_code error;
  if (std::filesystem::exists(file, error)) return OkStatus();
  if (!agreed) {
    CODERANK_ASSIGN(const std::string texts, what());
    return PermissionDenied(StrCat(texts, " of ", owner.name, " would be sent to ", server,
                                   "; --yes agrees to that, once for this ", owner.kind,
                                   " and server"));
  }
  CODERANK_TRY(CreatePrivateFolder(file.parent_path()));
  return WriteFileAtomically(file, key);
}

Result<IndexPushReport> Engine::PushIndex(const IndexPushRequest& request,
                                          const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config user_config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(user_config, cancel));
  CODERANK_ASSIGN(const auto location, state_->FindIndex(request.directory));
  if (!location) return NoIndex(request.directory);
  CODERANK_ASSIGN(const auto opened, state_->opened.Get(*location, *state_->kernels));
  CODERANK_TRY(state_->CheckAgreed(client.url(), location->root, request.agreed,
                                   [&] { return TextsOf(opened->store); }));
  IndexPushReport report{.root = location->root, .collection = request.collection, .model = {}};
  CODERANK_ASSIGN(report.model, opened->store.Meta(kMetaModel));
  CODERANK_ASSIGN(const PushCounts pushed,
                  coderank::PushIndex(opened->store, *state_->kernels, client, request.collection,
                                      {.ledger_folder = {}, .progress = {}, .cancel = cancel}));
  report.points = pushed.points;
  report.pending = pushed.pending;
  report.written = pushed.written;
  report.removed = pushed.removed;
  return report;
}

}  // namespace coderank
