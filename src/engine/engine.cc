// Engine: opening, models, and what its other parts share.
#include "coderank/engine.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/model_registry.h"
#include "model/load_encoder.h"
#include "model/text_embedder.h"

namespace coderank {
namespace {

// Preferred, in this order, when several models are installed and none is configured.
constexpr std::array<std::string_view, 2> kPreferredModels = {kDefaultModel, "all-MiniLM-L6-v2"};

Status NoModel(const Config& config) {
  return NotFound(StrCat("no model is installed in ", config.models_folder.value,
                         "; `coderank model pull ", kDefaultModel,
                         "` downloads the default one, and `coderank model add [NAME] PATH` "
                         "installs one from a folder"));
}

Status StatusOf(const Result<InstalledModel>& found) { return found ? OkStatus() : found.error(); }

// Of a GGUF file. A folder without prompts says by that that the model has none.
bool LacksKnownPrompt(const ModelRecord& record) {
  const std::filesystem::path file = record.files.front().path;
  return record.query_prompt.empty() && file.extension() == ".gguf";
}

class LoadedEmbeddingModel : public EmbeddingModel {
 public:
  explicit LoadedEmbeddingModel(std::shared_ptr<const LoadedModel> model)
      : model_(std::move(model)), summary_(Summarise(model_->installed)) {}

  const ModelSummary& summary() const override { return summary_; }

  Result<std::vector<TextEmbedding>> Embed(std::span<const std::string_view> texts,
                                           const EmbedRequest& request) const override {
    const TextRole role = request.query ? TextRole::kQuery : TextRole::kDocument;
    CODERANK_ASSIGN(auto embeddings, model_->embedder->Embed(
                                         role, texts, {.normalize = request.normalize}, nullptr));
    std::vector<TextEmbedding> result;
    result.reserve(embeddings.size());
    for (Embedding& embedding : embeddings) {
      result.push_back(
          {.vector = std::move(embedding.vector), .token_ids = std::move(embedding.token_ids)});
    }
    return result;
  }

 private:
  std::shared_ptr<const LoadedModel> model_;
  ModelSummary summary_;
};

}  // namespace

bool ModelIsChosenNow(const Config& config) {
  return config.model.origin == "flag" || config.model.origin.starts_with("environment");
}

Result<Config> Engine::State::ConfigFor(const std::filesystem::path& root) const {
  return LoadConfig(options, folders, root);
}

IndexLocator Engine::State::LocatorFor(const Config& config) const {
  return {folders,
          {.explicit_folder = config.index_folder.value, .trust_index = options.trust_index}};
}

ModelSettings Engine::State::SettingsOf(const Config& config) const {
  return {.precision = config.precision.value,
          .max_tokens = config.max_tokens.value,
          .pack_folder = folders.cache / "packed"};
}

ModelStore Engine::State::ModelsOf(const Config& config) const {
  return ModelStore(config.models_folder.value, SettingsOf(config));
}

EmbeddingCache Engine::State::CacheOf(const Config& config) const {
  return {folders.cache / "embeddings", config.cache_bytes.value};
}

ThreadPool& Engine::State::Pool(const Config& config) {
  if (pool == nullptr) {
    const size_t threads = config.threads.value == 0 ? AvailableCores() : config.threads.value;
    const bool shares = options.share != nullptr && !options.own_threads;
    pool = shares ? options.share->Pool(threads) : std::make_shared<ThreadPool>(threads);
  }
  return *pool;
}

void Engine::State::NoteInReport(const std::string& text) {
  if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
}

void Engine::State::Note(const std::string& text) {
  NoteInReport(text);
  if (options.log && noted.insert(text).second) options.log(LogLevel::kInfo, text);
}

void Engine::State::Note(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) Note(text);
}

Result<std::string> Engine::State::ChooseModel(const Config& config,
                                               const std::string& recorded) const {
  if (ModelIsChosenNow(config)) return config.model.value;
  if (!recorded.empty()) return recorded;
  if (!config.model.value.empty()) return config.model.value;
  CODERANK_ASSIGN(auto installed, ModelsOf(config).List());
  std::erase_if(installed, [](const InstalledModel& model) {
    return model.record.kind != ModelKind::kEmbedder;
  });
  if (installed.empty()) return NoModel(config);
  if (installed.size() == 1) return installed.front().record.name;
  for (const std::string_view preferred : kPreferredModels) {
    for (const InstalledModel& model : installed) {
      if (model.record.name == preferred) return model.record.name;
    }
  }
  std::string names;
  for (const InstalledModel& model : installed) {
    names += StrCat(names.empty() ? "" : ", ", model.record.name);
  }
  return FailedPrecondition(StrCat("several models are installed (", names,
                                   "); choose one with --model NAME or CODERANK_MODEL"));
}

Result<std::string> Engine::State::NameOrChosen(const Config& config, std::string_view name) const {
  if (!name.empty()) return std::string(name);
  return ChooseModel(config, "");
}

Result<InstalledModel> Engine::State::FindEmbedder(const Config& config,
                                                   std::string_view name) const {
  CODERANK_ASSIGN(InstalledModel found, ModelsOf(config).Find(name));
  CODERANK_TRY(CheckModelKind(found.record, ModelKind::kEmbedder));
  // The settings' and the environment's are for whichever model is used, a flag is for this one.
  if (found.remote && config.max_tokens.origin == "flag") {
    return InvalidArgument(StrCat("--max-tokens: does not go with the remote model ", name,
                                  ", as only its service knows how many tokens a text has, and ",
                                  "cuts it; leave the flag out"));
  }
  return found;
}

Result<std::shared_ptr<const LoadedModel>> Engine::State::Load(const Config& config,
                                                               const std::string& name) {
  CODERANK_ASSIGN(InstalledModel installed, FindEmbedder(config, name));
  if (loaded != nullptr && loaded->Is(installed)) return loaded;
  ThreadPool& threads = Pool(config);
  const auto load = [&]() -> Result<std::unique_ptr<Embedder>> {
    if (installed.remote) return OpenRemote(installed);
    CODERANK_ASSIGN(auto embedder, LoadTextEmbedder(installed.folder, installed.record, threads,
                                                    SettingsOf(config).pack_folder));
    return std::unique_ptr<Embedder>(std::move(embedder));
  };
  if (options.share != nullptr) {
    CODERANK_ASSIGN(loaded, options.share->Model(installed, pool, load));
  } else {
    CODERANK_ASSIGN(auto embedder, load());
    loaded = std::make_shared<const LoadedModel>(pool, std::move(installed), std::move(embedder));
  }
  return loaded;
}

// An index keeps the precision and the length that it was made with, until the user says otherwise.
Config Engine::State::AsIndexed(const Config& config, const std::string& model,
                                const IndexedEncoder& indexed) const {
  if (indexed.fingerprint.empty()) return config;
  Config candidate = config;
  if (config.max_tokens.origin == "default") candidate.max_tokens.value = indexed.max_tokens;
  std::vector<std::string> precisions = {config.precision.value};
  if (config.precision.origin == "default") {
    precisions = {std::string(kPrecisionInt8), std::string(kPrecisionFloat),
                  std::string(kPrecisionInt4)};
  }
  for (const std::string& precision : precisions) {
    candidate.precision.value = precision;
    const auto installed = ModelsOf(candidate).Find(model);
    if (installed && installed->record.Fingerprint() == indexed.fingerprint) return candidate;
  }
  return config;
}

Status Engine::State::CheckModel(const Config& config) const {
  const auto name = ChooseModel(config, "");
  const Status found = name ? StatusOf(FindEmbedder(config, *name)) : name.error();
  const bool can_do_without = found.code() == StatusCode::kNotFound && !ModelIsChosenNow(config);
  return can_do_without ? OkStatus() : found;
}

Result<std::shared_ptr<const LoadedModel>> Engine::State::LoadFor(const Config& config,
                                                                  const IndexStore& store) {
  CODERANK_ASSIGN(const ModelChoice choice, ChooseFor(config, store));
  return Load(choice.config, choice.name);
}

Result<ModelChoice> Engine::State::ChooseFor(const Config& config, const IndexStore& store) const {
  CODERANK_ASSIGN(const std::string recorded, store.Meta(kMetaModel));
  CODERANK_ASSIGN(const std::string fingerprint, store.Meta(kMetaFingerprint));
  CODERANK_ASSIGN(const std::string max_tokens, store.Meta(kMetaMaxTokens));
  CODERANK_ASSIGN(const std::string name, ChooseModel(config, recorded));
  const IndexedEncoder indexed = {
      .fingerprint = fingerprint,
      .max_tokens = static_cast<uint32_t>(std::strtoul(max_tokens.c_str(), nullptr, 10))};
  ModelChoice choice{.name = name, .config = AsIndexed(config, name, indexed)};
  CODERANK_ASSIGN(const InstalledModel installed, FindEmbedder(choice.config, name));
  const std::string found = installed.record.Fingerprint();
  if (fingerprint.empty() || fingerprint == found) return choice;
  if (recorded == name) {
    return FailedPrecondition(
        StrCat("the index holds vectors of model ", name, " with other weights or settings ",
               "(fingerprint ", fingerprint.substr(0, 12), ", now ", found.substr(0, 12),
               "); use the --precision and --max-tokens that it was made with, or run `coderank "
               "clear` and `coderank index` to embed again"));
  }
  return FailedPrecondition(
      StrCat("the index holds vectors of model ", recorded, " (fingerprint ",
             fingerprint.substr(0, 12), "), but ", name, " has fingerprint ", found.substr(0, 12),
             "; use that model, or run `coderank clear` and `coderank index` to embed again"));
}

Result<std::optional<IndexLocation>> Engine::State::FindIndex(
    const std::filesystem::path& directory) {
  CODERANK_ASSIGN(const Config config, ConfigFor({}));
  std::vector<std::string> notes;
  auto found = LocatorFor(config).Find(directory, notes);
  Note(notes);
  return found;
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::Open(EngineOptions options) {
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  CODERANK_ASSIGN(state->folders, FindUserFolders());
  CODERANK_ASSIGN(state->kernels, kernels::ChooseKernels());
  return Engine(std::move(state));
}

Result<ModelAddition> Engine::AddModel(const std::filesystem::path& folder, std::string name,
                                       bool replace, const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  ModelStore::Request request{.source = folder, .name = std::move(name), .replace = replace};
  CODERANK_ASSIGN(const auto added,
                  state_->ModelsOf(config).Add(request, state_->Pool(config), cancel));
  if (LacksKnownPrompt(added.model.record)) {
    state_->Note(StrCat("model ", added.model.record.name, ": a GGUF file carries no prompts, and ",
                        "none is known for this model: queries are embedded without one"));
  }
  return ModelAddition{.model = Summarise(added.model),
                       .already_installed = added.already_installed};
}

Result<ModelRemoval> Engine::RemoveModel(std::string_view name, const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  return state_->ModelsOf(config).Remove(name, cancel);
}

Result<std::vector<ModelSummary>> Engine::ListModels() {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(const auto installed, state_->ModelsOf(config).List());
  std::vector<ModelSummary> models;
  models.reserve(installed.size());
  for (const InstalledModel& model : installed) models.push_back(Summarise(model));
  return models;
}

Result<ModelSummary> Engine::FindModel(std::string_view name) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(const std::string chosen, state_->NameOrChosen(config, name));
  CODERANK_ASSIGN(const InstalledModel model, state_->ModelsOf(config).Find(chosen));
  return Summarise(model);
}

Result<ModelSummary> Engine::VerifyModel(std::string_view name, const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(const std::string chosen, state_->NameOrChosen(config, name));
  CODERANK_ASSIGN(const InstalledModel model, state_->ModelsOf(config).Find(chosen));
  CODERANK_TRY(VerifyModelFiles(model.folder, model.record, cancel));
  CODERANK_TRY(
      VerifyPackedModel(model.folder, state_->SettingsOf(config).pack_folder, model.record));
  return Summarise(model);
}

Result<std::unique_ptr<EmbeddingModel>> Engine::OpenModel(std::string_view name) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  CODERANK_ASSIGN(const std::string chosen, state_->NameOrChosen(config, name));
  CODERANK_ASSIGN(auto model, state_->Load(config, chosen));
  return std::unique_ptr<EmbeddingModel>(std::make_unique<LoadedEmbeddingModel>(std::move(model)));
}

}  // namespace coderank
