// Configuration: flag > environment > project file > user file > default.
//
// The project file `.coderank.toml` comes with a checkout and is not trusted: it may set what
// cannot harm (ignore rules, chunking), and any other key in it is an error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/user_folders.h"
#include "coderank/engine.h"
#include "coderank/models.h"
#include "coderank/result.h"
#include "source/chunker.h"

namespace coderank {

inline constexpr std::string_view kProjectFileName = ".coderank.toml";
inline constexpr std::string_view kUserFileName = "config.toml";

inline constexpr std::string_view kStoreEmbedded = "embedded";
inline constexpr std::string_view kStoreQdrant = "qdrant";

template <typename T>
struct Setting {
  T value{};
  std::string origin = "default";
};

// What the user knows about a collection that another program made.
struct CollectionSettings {
  std::string model;     // that its vectors are of
  std::string text_key;  // payload key of the texts
};

struct Config {
  Setting<std::string> model;  // empty: the index's model, else the installed default
  Setting<std::filesystem::path> models_folder;
  Setting<std::string> precision;               // "int8", "int4" or "f32"
  Setting<uint32_t> max_tokens;                 // 0: what the model's record says
  Setting<std::string> models_endpoint;         // URL of the hub that `model pull` asks
  Setting<std::filesystem::path> index_folder;  // empty: beside the sources
  Setting<uint32_t> threads;                    // 0: all cores this process may use
  Setting<uint64_t> max_file_bytes;
  Setting<uint32_t> budget_minutes;                   // for making vectors in one run; 0: no limit
  Setting<std::string> vector_store;                  // of new indexes: "embedded" or "qdrant"
  Setting<uint64_t> cache_bytes;                      // of the embedding cache; 0: none is used
  Setting<std::vector<std::string>> ignore_patterns;  // project file's, else user file's
  Setting<uint32_t> target_characters;
  Setting<uint32_t> maximum_characters;
  Setting<std::string> qdrant_url;  // empty: no server is used
  std::map<std::string, CollectionSettings> collections;
  std::vector<std::string> notes;  // what a project file changed, for the user to know

  ChunkLimits chunk_limits() const {
    return {.target_characters = target_characters.value,
            .maximum_characters = maximum_characters.value};
  }
};

// `root` empty: no project file is read.
Result<Config> LoadConfig(const EngineOptions& options, const UserFolders& folders,
                          const std::filesystem::path& root);

// Every setting with where it came from, in the order of the struct.
std::vector<EffectiveSetting> Describe(const Config& config);

}  // namespace coderank
