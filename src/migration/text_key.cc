#include "migration/text_key.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/strings.h"

namespace coderank {
namespace {

using qdrant::Json;

// Last parts of paths under which programs keep the embedded text: Roo Code, LangChain, LlamaIndex,
// mcp-server-qdrant and common usage.
constexpr std::array<std::string_view, 9> kUsualKeys = {"codeChunk", "page_content", "text",
                                                        "content",   "document",     "chunk",
                                                        "code",      "body",         "chunk_text"};
constexpr int kMostDepth = 3;           // of objects in a payload
constexpr size_t kMostListed = 8;       // keys in a message
constexpr double kLeastShare = 0.5;     // of points with a text, for a key to be guessed
constexpr double kLeastMeanBytes = 16;  // shorter ones are names and labels

struct Tally {
  size_t count = 0;
  size_t bytes = 0;
};

void CountTexts(const Json& object, const std::string& prefix, int depth,
                std::map<std::string, Tally>& tallies) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_string() && !value.get_ref<const std::string&>().empty()) {
      Tally& tally = tallies[prefix + key];
      ++tally.count;
      tally.bytes += value.get_ref<const std::string&>().size();
    } else if (value.is_object() && depth < kMostDepth) {
      CountTexts(value, prefix + key + ".", depth + 1, tallies);
    }
  }
}

bool IsUsual(std::string_view key) {
  const std::string_view last = key.substr(key.rfind('.') + 1);  // npos + 1: the whole
  return std::find(kUsualKeys.begin(), kUsualKeys.end(), last) != kUsualKeys.end();
}

bool IsLikely(const TextKeyCandidate& candidate) {
  return candidate.share >= kLeastShare && candidate.mean_bytes >= kLeastMeanBytes;
}

std::string Listed(const std::vector<TextKeyCandidate>& candidates) {
  if (candidates.empty()) return "no texts";
  std::string keys;
  for (size_t i = 0; i < candidates.size() && i < kMostListed; ++i) {
    keys += StrCat(i == 0 ? "texts at " : ", ", candidates[i].key);
  }
  return candidates.size() > kMostListed ? keys + ", ..." : keys;
}

}  // namespace

std::vector<TextKeyCandidate> TextKeyCandidates(std::span<const qdrant::Point> sample) {
  std::map<std::string, Tally> tallies;
  for (const qdrant::Point& point : sample) CountTexts(point.payload, "", 1, tallies);
  std::vector<TextKeyCandidate> candidates;
  for (const auto& [key, tally] : tallies) {
    candidates.push_back(
        {.key = key,
         .share = static_cast<double>(tally.count) / static_cast<double>(sample.size()),
         .mean_bytes = static_cast<double>(tally.bytes) / static_cast<double>(tally.count)});
  }
  const auto rank = [](const TextKeyCandidate& c) {
    return std::tuple(!IsLikely(c), !IsUsual(c.key), -c.share * c.mean_bytes);
  };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return candidates;
}

Result<std::string> ChooseTextKey(std::span<const qdrant::Point> sample, const std::string& given,
                                  const std::string& collection) {
  const auto candidates = TextKeyCandidates(sample);
  if (!given.empty()) {
    const bool there = std::any_of(candidates.begin(), candidates.end(),
                                   [&](const auto& candidate) { return candidate.key == given; });
    if (there || sample.empty()) return given;
    return InvalidArgument(StrCat(collection, ": expected texts at payload key \"", given,
                                  "\", found ", Listed(candidates)));
  }
  if (!candidates.empty() && IsLikely(candidates.front())) return candidates.front().key;
  return InvalidArgument(StrCat(collection, ": which payload key holds the texts? Found ",
                                Listed(candidates), "; name it with --text-key KEY"));
}

std::string TextOf(const qdrant::Point& point, std::string_view key) {
  const Json& text = qdrant::AtPath(point.payload, key);
  return text.is_string() ? text.get<std::string>() : std::string();
}

}  // namespace coderank
