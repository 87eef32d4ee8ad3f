#include "engine/model_registry.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

constexpr size_t kMaxPart = 96;  // characters of an owner or a name, as the hub allows
constexpr size_t kMaxRevision = 128;

// The same files that scripts/models pins; published in this form since 2023.
constexpr std::array<KnownFile, 2> kMiniLmFiles = {{
    {"model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
    {"tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"},
}};

constexpr std::array<KnownModel, 7> kModels = {{
    {"CodeRankEmbed", "nomic-ai/CodeRankEmbed", "mit", {}},
    {"all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "apache-2.0", kMiniLmFiles},
    {"snowflake-arctic-embed-m-long", "Snowflake/snowflake-arctic-embed-m-long", "apache-2.0", {}},
    {"SweRankEmbed-Small", "Salesforce/SweRankEmbed-Small", "", {}},
    {kDefaultReranker, "cross-encoder/ms-marco-MiniLM-L-6-v2", "apache-2.0", {}},
    {kDefaultGenerator, "nomic-ai/CodeRankLLM", "", {}},
    {"nomic-embed-code", "nomic-ai/nomic-embed-code", "apache-2.0", {}},
}};

bool IsRepositoryPart(std::string_view part) {
  return !part.empty() && part.size() <= kMaxPart && IsAsciiAlnum(part.front()) &&
         std::all_of(part.begin(), part.end(),
                     [](char c) { return IsAsciiAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool IsRevision(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRevision && IsAsciiAlnum(text.front()) &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsAsciiAlnum(c) || c == '-' || c == '_' || c == '.' || c == '/';
         });
}

}  // namespace

std::span<const KnownModel> KnownModels() { return kModels; }

const KnownModel* FindKnownModel(std::string_view name) {
  const auto found = std::find_if(kModels.begin(), kModels.end(),
                                  [&](const KnownModel& model) { return model.name == name; });
  return found == kModels.end() ? nullptr : &*found;
}

std::string KnownModelNames() {
  std::string names;
  for (const KnownModel& model : kModels) names += StrCat(names.empty() ? "" : ", ", model.name);
  return names;
}

bool IsCommit(std::string_view text) {
  return text.size() == 40 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Result<ModelSource> ParseModelSource(std::string_view text) {
  constexpr std::string_view kPrefix = "hf:";
  if (const KnownModel* known = FindKnownModel(text); known != nullptr) {
    return ModelSource{.repository = std::string(known->repository),
                       .revision = "",
                       .name = std::string(known->name),
                       .known = known};
  }
  if (!text.starts_with(kPrefix)) {
    return InvalidArgument(StrCat("\"", text, "\": expected one of ", KnownModelNames(),
                                  ", or hf:owner/name, or hf:owner/name@revision"));
  }
  std::string_view rest = text.substr(kPrefix.size());
  ModelSource source;
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    source.revision = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!IsRevision(source.revision)) {
      return InvalidArgument(
          StrCat("\"", text, "\": expected a branch, tag or commit after the @"));
    }
  }
  const size_t slash = rest.find('/');
  const std::string_view name = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (!IsRepositoryPart(rest.substr(0, slash)) || !IsRepositoryPart(name)) {
    return InvalidArgument(StrCat("\"", text, "\": expected hf:owner/name[@revision]"));
  }
  source.repository = rest;
  source.name = name;
  for (const KnownModel& model : kModels) {
    if (model.repository == source.repository) source.known = &model;
  }
  return source;
}

}  // namespace coderank
