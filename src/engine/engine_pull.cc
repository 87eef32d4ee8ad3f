// Engine: getting a model over the network.
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/model_hub.h"
#include "engine/model_pins.h"
#include "engine/model_pull.h"

namespace coderank {
namespace {

constexpr std::string_view kPinsFile = "model-hashes.json";

}  // namespace

Result<ModelPullReport> Engine::PullModel(const ModelPullRequest& request,
                                          const ModelPullProgressSink& progress,
                                          const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  const auto log = [this](LogLevel, std::string_view text) { state_->Note(std::string(text)); };
  const auto& endpoint = config.models_endpoint;
  CODERANK_ASSIGN(ModelHub hub, ModelHub::Open(endpoint.value, endpoint.origin,
                                               std::string(Environment("HF_TOKEN")), log));
  const ModelStore store = state_->ModelsOf(config);
  const ModelPins pins(state_->folders.state / kPinsFile);
  const ModelPullContext context{
      .store = store, .pins = pins, .hub = hub, .pool = state_->Pool(config), .log = log};
  return coderank::PullModel(context, request, progress, cancel);
}

}  // namespace coderank
