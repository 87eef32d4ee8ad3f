// Where an installed model came from: kept beside its record, and no part of the fingerprint.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "coderank/result.h"

namespace coderank {

struct ModelOrigin {
  std::string endpoint;    // "https://huggingface.co"
  std::string repository;  // "owner/name"
  std::string revision;    // the commit, 40 hex digits
  std::string licence;     // as the model's page names it
};

// `origin.json` of an installed model's folder; no value for a model that was added from a folder.
Result<std::optional<ModelOrigin>> ReadModelOrigin(const std::filesystem::path& folder);
Status WriteModelOrigin(const std::filesystem::path& folder, const ModelOrigin& origin);

}  // namespace coderank
