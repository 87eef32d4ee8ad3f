// The models that go by a short name, and what a person may write to name a model to download.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

// A file whose bytes are known to this program, whatever a server says.
struct KnownFile {
  std::string_view path;
  std::string_view sha256;  // hex
};

struct KnownModel {
  std::string_view name;
  std::string_view repository;  // "owner/name"
  std::string_view licence;     // "": told by the model's page only
  std::span<const KnownFile> files = {};
};

std::span<const KnownModel> KnownModels();
const KnownModel* FindKnownModel(std::string_view name);
// "CodeRankEmbed, all-MiniLM-L6-v2, ...".
std::string KnownModelNames();

// The model to use where several are installed and nothing else is said, and the one to get.
inline constexpr std::string_view kDefaultModel = "CodeRankEmbed";

// The same among cross-encoders.
inline constexpr std::string_view kDefaultReranker = "ms-marco-MiniLM-L-6-v2";
// And among generators.
inline constexpr std::string_view kDefaultGenerator = "CodeRankLLM";

struct ModelSource {
  std::string repository;             // "owner/name", checked
  std::string revision;               // branch, tag or commit; "": the newest
  std::string name;                   // to install it under
  const KnownModel* known = nullptr;  // of this repository, if any
};

// "CodeRankEmbed" or "hf:owner/name[@revision]". kInvalidArgument says what was expected.
Result<ModelSource> ParseModelSource(std::string_view text);

// A whole commit hash: 40 hex digits.
bool IsCommit(std::string_view text);

}  // namespace coderank
