#include "engine/model_pins.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/folder_lock.h"
#include "model/json_config.h"

namespace coderank {
namespace {

constexpr uint64_t kFormat = 1;

// {"format": 1, "files": {"owner/name@commit": {"path": "sha256"}}}; an empty one if missing.
Result<nlohmann::json> Load(const std::filesystem::path& file) {
  const auto json = JsonConfig::Load(file);
  if (!json) {
    if (json.error().code() != StatusCode::kNotFound) return json.error();
    return nlohmann::json{{"format", kFormat}, {"files", nlohmann::json::object()}};
  }
  const auto format = json->RequiredInteger("format", kFormat, kFormat);
  if (!format) return format.error();
  const auto files = json->object().find("files");
  if (files == json->object().end() || !files->is_object()) {
    return json->Unexpected("files", "an object from \"owner/name@commit\" to hashes by path");
  }
  return json->object();
}

std::string Key(std::string_view repository, std::string_view commit) {
  return StrCat(repository, "@", commit);
}

}  // namespace

Result<ModelPins::Hashes> ModelPins::Of(std::string_view repository,
                                        std::string_view commit) const {
  CODERANK_ASSIGN(const nlohmann::json json, Load(file_));
  Hashes hashes;
  const auto found = json["files"].find(Key(repository, commit));
  if (found == json["files"].end() || !found->is_object()) return hashes;
  for (const auto& [path, hash] : found->items()) {
    if (!hash.is_string()) {
      return Corrupt(StrCat(file_, ": \"", path, "\": expected a hash, found ", hash.type_name()));
    }
    hashes[path] = hash.get<std::string>();
  }
  return hashes;
}

Status ModelPins::Record(std::string_view repository, std::string_view commit, const Hashes& hashes,
                         const CancellationToken* cancel) const {
  CODERANK_TRY(CreatePrivateFolder(file_.parent_path()));
  CODERANK_ASSIGN(const FolderLock lock, FolderLock::Acquire(file_.parent_path(), cancel));
  CODERANK_ASSIGN(nlohmann::json json, Load(file_));
  nlohmann::json& known = json["files"][Key(repository, commit)];
  if (!known.is_object()) known = nlohmann::json::object();
  for (const auto& [path, hash] : hashes) {
    if (!known.contains(path)) known[path] = hash;
  }
  return WriteFileAtomically(file_, json.dump(1) + "\n");
}

}  // namespace coderank
