#include "engine/model_origin.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "model/json_config.h"

namespace coderank {
namespace {

constexpr char kFileName[] = "origin.json";
constexpr uint64_t kFormat = 1;

}  // namespace

Result<std::optional<ModelOrigin>> ReadModelOrigin(const std::filesystem::path& folder) {
  const auto json = JsonConfig::Load(folder / kFileName);
  if (!json) {
    if (json.error().code() == StatusCode::kNotFound) return std::optional<ModelOrigin>();
    return json.error();
  }
  const auto format = json->RequiredInteger("format", kFormat, kFormat);
  if (!format) return format.error();
  ModelOrigin origin;
  CODERANK_ASSIGN(origin.endpoint, json->RequiredText("endpoint"));
  CODERANK_ASSIGN(origin.repository, json->RequiredText("repository"));
  CODERANK_ASSIGN(origin.revision, json->RequiredText("revision"));
  CODERANK_ASSIGN(origin.licence, json->RequiredText("licence"));
  return std::optional(std::move(origin));
}

Status WriteModelOrigin(const std::filesystem::path& folder, const ModelOrigin& origin) {
  const nlohmann::ordered_json json = {{"format", kFormat},
                                       {"endpoint", origin.endpoint},
                                       {"repository", origin.repository},
                                       {"revision", origin.revision},
                                       {"licence", origin.licence}};
  return WriteFileAtomically(
      folder / kFileName,
      json.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace coderank
