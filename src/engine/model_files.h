// Which files of a repository a model needs. Pure functions on untrusted listings: whatever the
// server names, only known names in plain folders are asked for.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "engine/model_hub.h"

namespace coderank {

// A relative path of plain names: nothing that leaves a folder, hides or needs quoting.
bool IsPlainPath(std::string_view path);

// The folders that modules.json names, the transformer's first; "" alone without such a file.
Result<std::vector<std::string>> ModuleFolders(const std::filesystem::path& modules_json);

struct WantedFiles {
  std::vector<std::string> paths;  // without the shards of a sharded model
  std::string shard_index;         // "": not sharded. Its shards are known when it is here
};

// kNotFound when the listing lacks what every model has.
Result<WantedFiles> ChooseFiles(const HubListing& listing,
                                const std::vector<std::string>& module_folders);

// Of several .gguf files of one model the one that is best to have: eight bits are next to
// lossless at a quarter of the size, then full precision, then fewer bits. "" when there is none.
std::string ChooseGguf(const std::vector<std::string>& paths);

// The shards that a downloaded index names, all of them in the listing.
Result<std::vector<std::string>> ChooseShards(const HubListing& listing,
                                              const std::filesystem::path& staging,
                                              const std::string& shard_index);

}  // namespace coderank
