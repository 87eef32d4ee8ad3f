#include "engine/config.h"

// The parser's exceptions are switched off: it returns a result instead. So are its assertions,
// which hostile text can fail ("[[[["): they would abort a debug build, and clang takes them for
// facts when NDEBUG is set. Without them the parser goes on to its ordinary error.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/toml_ascii.h"
#include "model/model_record.h"
#include "text/utf8.h"

namespace coderank {
namespace {

constexpr uint64_t kMaxFileSize = uint64_t{1} << 20;  // bytes of a configuration file
constexpr size_t kMaxPatterns = 10000;
constexpr std::string_view kCollections = "collections";  // a table of tables

// One key of a configuration file.
struct FileKey {
  std::string_view name;  // dotted
  bool project;           // a project file may set it
  // Sets the value; the message of an error says what was expected.
  std::function<Status(Config&, const toml::node&, const std::string& origin)> apply;
};

Status Expected(std::string_view what) { return InvalidArgument(StrCat("expected ", what)); }

template <typename T>
Status ApplyInteger(Setting<T>& setting, const toml::node& node, const std::string& origin,
                    int64_t least, int64_t most) {
  const auto value = node.value_exact<int64_t>();
  if (!value || *value < least || *value > most) {
    return Expected(StrCat("a whole number from ", least, " to ", most));
  }
  setting = {static_cast<T>(*value), origin};
  return OkStatus();
}

std::optional<std::string> TextOf(const toml::node& node) {
  const auto value = node.value_exact<std::string>();
  return value ? std::optional(FromAsciiToml(*value)) : std::nullopt;
}

Status ApplyText(Setting<std::string>& setting, const toml::node& node, const std::string& origin) {
  const auto value = TextOf(node);
  if (!value || value->empty()) return Expected("a text that is not empty");
  setting = {*value, origin};
  return OkStatus();
}

Status ApplyPrecision(Setting<std::string>& setting, std::string_view value,
                      const std::string& origin) {
  if (value != kPrecisionInt8 && value != kPrecisionInt4 && value != kPrecisionFloat) {
    return InvalidArgument(StrCat("expected int8, int4 or f32, found \"", value, "\""));
  }
  setting = {std::string(value), origin};
  return OkStatus();
}

Status ApplyStore(Setting<std::string>& setting, const toml::node& node,
                  const std::string& origin) {
  const std::string value = TextOf(node).value_or("");
  if (value != kStoreEmbedded && value != kStoreQdrant) {
    return Expected(StrCat(kStoreEmbedded, " or ", kStoreQdrant));
  }
  setting = {value, origin};
  return OkStatus();
}

Status ApplyFolder(Setting<std::filesystem::path>& setting, const toml::node& node,
                   const std::string& origin) {
  const auto value = TextOf(node);
  if (!value || !std::filesystem::path(*value).is_absolute()) return Expected("an absolute path");
  setting = {*value, origin};
  return OkStatus();
}

Status ApplyPatterns(Setting<std::vector<std::string>>& setting, const toml::node& node,
                     const std::string& origin) {
  const toml::array* array = node.as_array();
  if (array == nullptr || array->size() > kMaxPatterns) {
    return Expected(StrCat("a list of at most ", kMaxPatterns, " patterns"));
  }
  std::vector<std::string> patterns;
  for (const toml::node& element : *array) {
    const auto pattern = TextOf(element);
    if (!pattern) return Expected("a list of texts");
    patterns.push_back(*pattern);
  }
  setting = {std::move(patterns), origin};
  return OkStatus();
}

// Chunk sizes beyond these make no sense for any encoder: 100 characters are two lines, 20,000
// are more than 8,192 tokens.
constexpr int64_t kLeastChunk = 100;
constexpr int64_t kMostChunk = 20000;
// Room for the two special tokens and one more, and the most that --max-tokens takes.
constexpr int64_t kLeastTokens = 3;
constexpr int64_t kMostTokens = 8192;
constexpr int64_t kMostBudgetMinutes = int64_t{60} * 24 * 30;

const std::vector<FileKey>& FileKeys() {
  using Node = const toml::node&;
  using Origin = const std::string&;
  static const std::vector<FileKey> keys = {
      {"model", false, [](Config& c, Node n, Origin o) { return ApplyText(c.model, n, o); }},
      {"models_folder", false,
       [](Config& c, Node n, Origin o) { return ApplyFolder(c.models_folder, n, o); }},
      {"precision", false,
       [](Config& c, Node n, Origin o) {
         return ApplyPrecision(c.precision, TextOf(n).value_or(""), o);
       }},
      {"max_tokens", false,
       [](Config& c, Node n, Origin o) {
         return ApplyInteger(c.max_tokens, n, o, kLeastTokens, kMostTokens);
       }},
      {"models_endpoint", false,
       [](Config& c, Node n, Origin o) { return ApplyText(c.models_endpoint, n, o); }},
      {"threads", false,
       [](Config& c, Node n, Origin o) { return ApplyInteger(c.threads, n, o, 1, 1024); }},
      {"index.max_file_bytes", false,
       [](Config& c, Node n, Origin o) {
         return ApplyInteger(c.max_file_bytes, n, o, 1, int64_t{1} << 30);
       }},
      {"index.budget_minutes", false,
       [](Config& c, Node n, Origin o) {
         return ApplyInteger(c.budget_minutes, n, o, 0, kMostBudgetMinutes);
       }},
      {"index.store", false,
       [](Config& c, Node n, Origin o) { return ApplyStore(c.vector_store, n, o); }},
      {"cache.max_bytes", false,
       [](Config& c, Node n, Origin o) {
         return ApplyInteger(c.cache_bytes, n, o, 0, int64_t{1} << 40);
       }},
      {"qdrant.url", false,
       [](Config& c, Node n, Origin o) { return ApplyText(c.qdrant_url, n, o); }},
      {"ignore.patterns", true,
       [](Config& c, Node n, Origin o) { return ApplyPatterns(c.ignore_patterns, n, o); }},
      {"chunking.target_characters", true,
       [](Config& c, Node n, Origin o) {
         return ApplyInteger(c.target_characters, n, o, kLeastChunk, kMostChunk);
       }},
      {"chunking.maximum_characters", true,
       [](Config& c, Node n, Origin o) {
         return ApplyInteger(c.maximum_characters, n, o, kLeastChunk, kMostChunk);
       }},
  };
  return keys;
}

std::string KnownKeys(bool project) {
  std::string names;
  for (const FileKey& key : FileKeys()) {
    if (project && !key.project) continue;
    if (!names.empty()) names += ", ";
    names += key.name;
  }
  return names;
}

Status ApplyKey(Config& config, const std::string& name, const toml::node& node,
                const std::filesystem::path& file, bool project) {
  const std::string where = StrCat(file, ":", node.source().begin.line, ": ", name);
  for (const FileKey& key : FileKeys()) {
    if (key.name != name) continue;
    if (project && !key.project) {
      return PermissionDenied(StrCat(where, ": a project file may not set this, it may set ",
                                     KnownKeys(true), "; remove the line, or set it in your own ",
                                     kUserFileName));
    }
    return key.apply(config, node, file.native()).WithContext(where);
  }
  return InvalidArgument(StrCat(where, ": unknown key; known here: ", KnownKeys(project)));
}

// One [collections.NAME].
Status ApplyCollection(Config& config, const std::string& name, const toml::node& node,
                       const std::filesystem::path& file) {
  const toml::table* table = node.as_table();
  const std::string where = StrCat(file, ":", node.source().begin.line, ": collections.", name);
  if (table == nullptr) return InvalidArgument(StrCat(where, ": expected a table"));
  CollectionSettings& settings = config.collections[name];
  for (auto&& [key, value] : *table) {
    std::string* field = key.str() == "model"  ? &settings.model
                         : key.str() == "text" ? &settings.text_key
                                               : nullptr;
    const auto text = TextOf(value);
    if (field == nullptr) {
      return InvalidArgument(StrCat(where, ": unknown key ", key.str(), "; known: model, text"));
    }
    if (!text || text->empty()) {
      return InvalidArgument(StrCat(where, ".", key.str(), ": expected a text that is not empty"));
    }
    *field = *text;
  }
  return OkStatus();
}

Status ApplyCollections(Config& config, const toml::table& table,
                        const std::filesystem::path& file) {
  for (auto&& [key, node] : table) {
    CODERANK_TRY(ApplyCollection(config, FromAsciiToml(std::string(key.str())), node, file));
  }
  return OkStatus();
}

// Keys stand at the top or one table deep; deeper tables are unknown keys, but for collections'.
Status ApplyTable(Config& config, const toml::table& table, const std::string& prefix,
                  const std::filesystem::path& file, bool project) {
  for (auto&& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && name == kCollections && !project) {
      CODERANK_TRY(ApplyCollections(config, *inner, file));
    } else if (inner != nullptr && prefix.empty()) {
      CODERANK_TRY(ApplyTable(config, *inner, name + ".", file, project));
    } else {
      CODERANK_TRY(ApplyKey(config, name, node, file, project));
    }
  }
  return OkStatus();
}

// Reads one file into `config`; a missing file changes nothing.
Status ApplyFile(Config& config, const std::filesystem::path& file, bool project) {
  std::error_code ignored;
  if (project && std::filesystem::is_symlink(file, ignored)) {
    return PermissionDenied(StrCat(file, ": a project file may not be a symbolic link; remove it"));
  }
  auto content = ReadFile(file, kMaxFileSize);
  if (!content) {
    return content.error().code() == StatusCode::kNotFound ? OkStatus() : content.error();
  }
  if (!IsValidUtf8(*content)) return InvalidArgument(StrCat(file, ": not TOML: not UTF-8"));
  const toml::parse_result parsed = toml::parse(ToAsciiToml(*content), file.native());
  if (!parsed) {
    return InvalidArgument(StrCat(file, ":", parsed.error().source().begin.line,
                                  ": not TOML: ", parsed.error().description()));
  }
  return ApplyTable(config, parsed.table(), "", file, project);
}

Status ApplyEnvironmentInteger(Setting<uint32_t>& setting, const char* name, int64_t least,
                               int64_t most) {
  const std::string_view text = Environment(name);
  if (text.empty()) return OkStatus();
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return InvalidArgument(StrCat(name, ": expected a whole number from ", least, " to ", most,
                                  ", found \"", text, "\""));
  }
  setting = {value, StrCat("environment ", name)};
  return OkStatus();
}

Status ApplyEnvironment(Config& config) {
  if (const auto model = Environment("CODERANK_MODEL"); !model.empty()) {
    config.model = {std::string(model), "environment CODERANK_MODEL"};
  }
  if (const auto folder = Environment("CODERANK_MODELS"); !folder.empty()) {
    config.models_folder = {folder, "environment CODERANK_MODELS"};
  }
  if (const auto endpoint = Environment("HF_ENDPOINT"); !endpoint.empty()) {
    config.models_endpoint = {std::string(endpoint), "environment HF_ENDPOINT"};
  }
  if (const auto url = Environment("QDRANT_URL"); !url.empty()) {
    config.qdrant_url = {std::string(url), "environment QDRANT_URL"};
  }
  if (const auto folder = Environment("CODERANK_INDEX"); !folder.empty()) {
    config.index_folder = {folder, "environment CODERANK_INDEX"};
  }
  if (const auto precision = Environment("CODERANK_PRECISION"); !precision.empty()) {
    CODERANK_TRY(ApplyPrecision(config.precision, precision, "environment CODERANK_PRECISION")
                     .WithContext("CODERANK_PRECISION"));
  }
  CODERANK_TRY(ApplyEnvironmentInteger(config.threads, "CODERANK_THREADS", 1, 1024));
  return ApplyEnvironmentInteger(config.max_tokens, "CODERANK_MAX_TOKENS", kLeastTokens,
                                 kMostTokens);
}

Status ApplyFlags(Config& config, const EngineOptions& options) {
  if (options.precision) {
    CODERANK_TRY(
        ApplyPrecision(config.precision, *options.precision, "flag").WithContext("--precision"));
  }
  if (options.model) config.model = {*options.model, "flag"};
  if (options.qdrant_url) config.qdrant_url = {*options.qdrant_url, "flag"};
  if (options.models_folder) config.models_folder = {*options.models_folder, "flag"};
  if (options.index_folder) config.index_folder = {*options.index_folder, "flag"};
  if (options.threads) config.threads = {static_cast<uint32_t>(*options.threads), "flag"};
  if (options.max_tokens) config.max_tokens = {*options.max_tokens, "flag"};
  return OkStatus();
}

Status CheckTogether(const Config& config) {
  if (config.target_characters.value <= config.maximum_characters.value) return OkStatus();
  return InvalidArgument(
      StrCat("chunking.target_characters: expected at most chunking.maximum_characters (",
             config.maximum_characters.value, ", ", config.maximum_characters.origin, "), found ",
             config.target_characters.value, " (", config.target_characters.origin, ")"));
}

void NoteProjectFile(Config& config, const std::filesystem::path& file) {
  std::string changed;
  const auto add = [&](const std::string& origin, std::string_view what) {
    if (origin == file.native()) changed += StrCat(changed.empty() ? "" : ", ", what);
  };
  add(config.ignore_patterns.origin,
      StrCat("ignore rules (", config.ignore_patterns.value.size(), ")"));
  add(config.target_characters.origin, "chunking.target_characters");
  add(config.maximum_characters.origin, "chunking.maximum_characters");
  if (!changed.empty()) config.notes.push_back(StrCat(file, " sets ", changed));
}

}  // namespace

Result<Config> LoadConfig(const EngineOptions& options, const UserFolders& folders,
                          const std::filesystem::path& root) {
  const ChunkLimits limits;
  Config config;
  config.models_folder.value = folders.data / "models";
  config.precision.value = kPrecisionInt8;
  config.models_endpoint.value = "https://huggingface.co";
  config.max_file_bytes.value = uint64_t{2} << 20;  // as peers: generated files grow beyond it
  config.budget_minutes.value = 20;
  config.vector_store.value = kStoreEmbedded;
  config.cache_bytes.value = uint64_t{2} << 30;  // over a million vectors of 768 numbers
  config.target_characters.value = limits.target_characters;
  config.maximum_characters.value = limits.maximum_characters;
  CODERANK_TRY(ApplyFile(config, folders.config / kUserFileName, /*project=*/false));
  if (!root.empty()) {
    const auto file = root / kProjectFileName;
    CODERANK_TRY(ApplyFile(config, file, /*project=*/true));
    NoteProjectFile(config, file);
  }
  CODERANK_TRY(ApplyEnvironment(config));
  CODERANK_TRY(ApplyFlags(config, options));
  CODERANK_TRY(CheckTogether(config));
  return config;
}

std::vector<EffectiveSetting> Describe(const Config& config) {
  std::string patterns;
  for (const std::string& pattern : config.ignore_patterns.value) {
    patterns += StrCat(patterns.empty() ? "" : " ", pattern);
  }
  const auto path_or = [](const std::filesystem::path& path, std::string_view otherwise) {
    return path.empty() ? std::string(otherwise) : path.native();
  };
  return {
      {"model",
       config.model.value.empty() ? "(the index's, else the installed default)"
                                  : config.model.value,
       config.model.origin},
      {"models_folder", config.models_folder.value.native(), config.models_folder.origin},
      {"precision", config.precision.value, config.precision.origin},
      {"max_tokens",
       config.max_tokens.value == 0 ? "(the model's)" : std::to_string(config.max_tokens.value),
       config.max_tokens.origin},
      {"models_endpoint", config.models_endpoint.value, config.models_endpoint.origin},
      {"index_folder", path_or(config.index_folder.value, "(beside the sources)"),
       config.index_folder.origin},
      {"threads", config.threads.value == 0 ? "(all cores)" : std::to_string(config.threads.value),
       config.threads.origin},
      {"index.max_file_bytes", std::to_string(config.max_file_bytes.value),
       config.max_file_bytes.origin},
      {"index.budget_minutes", std::to_string(config.budget_minutes.value),
       config.budget_minutes.origin},
      {"index.store", config.vector_store.value, config.vector_store.origin},
      {"cache.max_bytes", std::to_string(config.cache_bytes.value), config.cache_bytes.origin},
      {"qdrant.url", config.qdrant_url.value.empty() ? "(none)" : config.qdrant_url.value,
       config.qdrant_url.origin},
      {"ignore.patterns", patterns, config.ignore_patterns.origin},
      {"chunking.target_characters", std::to_string(config.target_characters.value),
       config.target_characters.origin},
      {"chunking.maximum_characters", std::to_string(config.maximum_characters.value),
       config.maximum_characters.origin},
  };
}

}  // namespace coderank
