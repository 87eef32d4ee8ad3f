#include "engine/named_collection.h"

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "migration/collection_mark.h"
#include "migration/text_key.h"

namespace coderank {
namespace {

std::string TextKeyOf(const Config& config, const NamedCollection& collection) {
  for (const std::string& name : {collection.asked, collection.name}) {
    const auto known = config.collections.find(name);
    if (known != config.collections.end() && !known->second.text_key.empty()) {
      return known->second.text_key;
    }
  }
  const auto mark = MarkFrom(collection.info.metadata);
  return mark ? mark->text_key : std::string();
}

std::string ModelOf(const Config& config, const NamedCollection& collection) {
  if (ModelIsChosenNow(config)) return config.model.value;
  for (const std::string& name : {collection.asked, collection.name}) {
    const auto known = config.collections.find(name);
    if (known != config.collections.end() && !known->second.model.empty()) {
      return known->second.model;
    }
  }
  const auto mark = MarkFrom(collection.info.metadata);
  return mark ? mark->model : std::string();
}

}  // namespace

Result<NamedCollection> NamedCollection::Find(qdrant::Client& client, const std::string& name) {
  NamedCollection found;
  found.asked = name;
  CODERANK_ASSIGN(found.names, ServerNames::Read(client));
  found.name = found.names.Resolve(name);
  if (found.name.empty()) return found.names.NoSuch(name, client.url());
  CODERANK_ASSIGN(found.info, client.Describe(found.name));
  return found;
}

Result<qdrant::VectorField> NamedCollection::SearchedVector() const {
  if (const auto* unnamed = info.FindVector(""); unnamed != nullptr) return *unnamed;
  if (info.vectors.size() == 1) return info.vectors.front();
  return InvalidArgument(
      StrCat(name, ": expected one dense vector a point, found ", info.vectors.size(), " by name"));
}

Result<std::vector<qdrant::Point>> FirstPoints(qdrant::Client& client, const std::string& name) {
  CODERANK_ASSIGN(qdrant::Page page, client.Scroll(name, {.from = {}, .vector_name = {}}));
  return std::move(page.points);
}

Result<std::vector<std::string>> Engine::State::EmbeddersOfSize(const Config& config,
                                                                uint64_t size) const {
  CODERANK_ASSIGN(const auto installed, ModelsOf(config).List());
  std::vector<std::string> names;
  for (const InstalledModel& model : installed) {
    const ModelSummary summary = Summarise(model);
    if (summary.kind == kEmbedderKind && summary.dimension == size) names.push_back(summary.name);
  }
  return names;
}

Result<CollectionModel> Engine::State::ModelOfCollection(const Config& config,
                                                         qdrant::Client& client,
                                                         const NamedCollection& collection,
                                                         const std::string& text_key) {
  CODERANK_ASSIGN(const qdrant::VectorField field, collection.SearchedVector());
  CollectionModel chosen;
  chosen.text_key = text_key.empty() ? TextKeyOf(config, collection) : text_key;
  CODERANK_ASSIGN(const auto sample, FirstPoints(client, collection.name));
  CODERANK_ASSIGN(chosen.text_key, ChooseTextKey(sample, chosen.text_key, collection.name));
  std::string name = ModelOf(config, collection);
  if (name.empty()) {
    CODERANK_ASSIGN(const auto fitting, EmbeddersOfSize(config, field.size));
    if (fitting.size() != 1) {
      std::string names;
      for (const std::string& fits : fitting) names += StrCat(names.empty() ? "" : ", ", fits);
      return FailedPrecondition(
          StrCat(collection.asked, ": which model are its vectors (", field.size, " numbers) of? ",
                 names.empty() ? "No installed model makes such" : StrCat(names, " make such"),
                 "; say it with --model NAME, or for good in config.toml: [collections.",
                 collection.asked, "] model = \"NAME\""));
    }
    name = fitting.front();
    chosen.guessed = true;
  }
  CODERANK_ASSIGN(chosen.model, Load(config, name));
  if (chosen.model->embedder->dimension() == field.size) return chosen;
  return FailedPrecondition(StrCat(
      collection.asked, ": has vectors of ", field.size, " numbers, model ", name, " makes ",
      chosen.model->embedder->dimension(), "; use the model that made ",
      "them, or `coderank collection migrate ", collection.asked, "` to move it to this one"));
}

}  // namespace coderank
