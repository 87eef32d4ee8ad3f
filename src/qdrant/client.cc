// Client: collections and aliases.
#include "qdrant/client.h"

#include <algorithm>

#include "base/strings.h"
#include "base/try.h"
#include "net/url.h"
#include "qdrant/client_paths.h"

namespace coderank::qdrant {

Result<Client> Client::Open(Options options) {
  CODERANK_ASSIGN(RestClient rest, RestClient::Open(std::move(options)));
  return Client(std::move(rest));
}

Result<std::string> Client::Version() {
  CODERANK_ASSIGN(const Json about, rest_.About());
  return TextAt(about, "version");
}

Result<bool> Client::IsCluster() {
  CODERANK_ASSIGN(const Reply reply, rest_.Call("GET", "/cluster"));
  return Member(reply.result, "peers").size() > 1;
}

Result<std::vector<std::string>> Client::ListCollections() {
  CODERANK_ASSIGN(const Reply reply, rest_.Call("GET", "/collections"));
  std::vector<std::string> names;
  for (const Json& entry : Member(reply.result, "collections")) {
    names.push_back(TextAt(entry, "name"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::map<std::string, std::string>> Client::ListAliases() {
  CODERANK_ASSIGN(const Reply reply, rest_.Call("GET", "/aliases"));
  std::map<std::string, std::string> aliases;
  for (const Json& entry : Member(reply.result, "aliases")) {
    aliases[TextAt(entry, "alias_name")] = TextAt(entry, "collection_name");
  }
  return aliases;
}

Result<CollectionInfo> Client::Describe(const std::string& collection) {
  const std::string path = PathOf(collection);
  CODERANK_ASSIGN(const Reply reply, rest_.Call("GET", path));
  auto info = CollectionInfoFrom(reply.result);
  if (!info) return info.error().WithContext(StrCat("GET ", url(), path));
  return info;
}

Result<bool> Client::HasCollection(const std::string& name) {
  CODERANK_ASSIGN(const auto names, ListCollections());
  return std::binary_search(names.begin(), names.end(), name);
}

// After a failure the server may have made it all the same, and says so at the next try.
Status Client::Create(const std::string& collection, const NewCollection& parameters) {
  const auto created = rest_.Call("PUT", PathOf(collection), ToText(CreationOf(parameters)));
  if (created) return OkStatus();
  CODERANK_ASSIGN(const bool there, HasCollection(collection));
  if (!there) return created.error();
  CODERANK_ASSIGN(const CollectionInfo info, Describe(collection));
  const VectorField* field = info.FindVector("");
  const bool ours =
      field != nullptr && field->size == parameters.size && info.metadata == parameters.metadata;
  return ours ? OkStatus() : created.error();
}

Status Client::SetMetadata(const std::string& collection, const Json& metadata) {
  const auto set = rest_.Call("PATCH", PathOf(collection), ToText({{"metadata", metadata}}));
  return set ? OkStatus() : set.error();
}

Status Client::SetIndexing(const std::string& collection, uint64_t threshold) {
  const Json body = {{"optimizers_config", {{"indexing_threshold", threshold}}}};
  const auto set = rest_.Call("PATCH", PathOf(collection), ToText(body));
  return set ? OkStatus() : set.error();
}

Status Client::CreatePayloadIndex(const std::string& collection, const PayloadIndex& index) {
  const Json body = {{"field_name", index.field}, {"field_schema", index.schema}};
  const auto made = rest_.Call("PUT", StrCat(PathOf(collection), "/index?wait=true"), ToText(body));
  return made ? OkStatus() : made.error();
}

Status Client::Delete(const std::string& collection) {
  const auto deleted = rest_.Call("DELETE", PathOf(collection));
  if (deleted || deleted.error().code() == StatusCode::kNotFound) return OkStatus();
  return deleted.error();
}

Status Client::ChangeAliases(Json actions) {
  const Json body = {{"actions", std::move(actions)}};
  const auto changed = rest_.Call("POST", "/collections/aliases", ToText(body));
  return changed ? OkStatus() : changed.error();
}

Status Client::SetAlias(const std::string& alias, const std::string& collection) {
  CODERANK_ASSIGN(const auto aliases, ListAliases());
  Json actions = Json::array();
  if (aliases.contains(alias)) {
    actions.push_back({{"delete_alias", {{"alias_name", alias}}}});
  }
  actions.push_back({{"create_alias", {{"collection_name", collection}, {"alias_name", alias}}}});
  return ChangeAliases(std::move(actions));
}

Status Client::DeleteAlias(const std::string& alias) {
  CODERANK_ASSIGN(const auto aliases, ListAliases());
  if (!aliases.contains(alias)) return OkStatus();
  return ChangeAliases(Json::array({{{"delete_alias", {{"alias_name", alias}}}}}));
}

}  // namespace coderank::qdrant
