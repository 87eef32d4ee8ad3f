#include "search/snippet_budget.h"

#include <algorithm>

namespace coderank {
namespace {

constexpr size_t kBytesPerToken = 3;
// Line numbers, score and punctuation around them.
constexpr size_t kHeadTokens = 8;
// Of a result that is kept for its place more than for its text.
constexpr size_t kLeastTextTokens = 16;

size_t HeadTokens(const SearchResult& result) {
  return kHeadTokens + EstimateTokens(result.path) + EstimateTokens(result.scope) +
         EstimateTokens(result.symbol);
}

size_t TextTokens(const SearchResult& result) {
  return EstimateTokens(result.before) + EstimateTokens(result.snippet) +
         EstimateTokens(result.after);
}

// The most that each text may have so that all of them have at most `total`: the level to which
// `total` fills them.
size_t Level(std::vector<size_t> needs, size_t total) {
  std::sort(needs.begin(), needs.end());
  for (size_t i = 0; i < needs.size(); ++i) {
    const size_t share = total / (needs.size() - i);
    if (needs[i] > share) return share;
    total -= needs[i];
  }
  return needs.empty() ? 0 : needs.back();
}

// Whole lines of at most `tokens`, or the beginning of the first line where that is longer.
std::string_view FirstLines(std::string_view text, size_t tokens) {
  const size_t bytes = tokens * kBytesPerToken;
  if (text.size() <= bytes) return text;
  const size_t end = text.substr(0, bytes + 1).rfind('\n');
  if (end != std::string_view::npos && end > 0) return text.substr(0, end);
  size_t cut = bytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return text.substr(0, cut);
}

void Shorten(SearchResult& result, size_t tokens) {
  if (TextTokens(result) <= tokens) return;
  // The lines around it go first.
  result.before.clear();
  result.before_lines = 0;
  result.after_lines = 0;
  result.after.clear();
  const std::string_view kept = FirstLines(result.snippet, tokens);
  result.snippet_cut = kept.size() < result.snippet.size();
  result.snippet.resize(kept.size());
}

}  // namespace

size_t EstimateTokens(std::string_view text) {
  return (text.size() + kBytesPerToken - 1) / kBytesPerToken;
}

void FitSnippets(std::vector<SearchResult>& results, size_t max_tokens) {
  size_t heads = 0;
  std::vector<size_t> needs;
  for (const SearchResult& result : results) {
    const size_t least = HeadTokens(result) + std::min(TextTokens(result), kLeastTextTokens);
    if (!needs.empty() && heads + kLeastTextTokens * needs.size() + least > max_tokens) break;
    heads += HeadTokens(result);
    needs.push_back(TextTokens(result));
  }
  results.resize(needs.size());
  const size_t left = max_tokens > heads ? max_tokens - heads : 0;
  const size_t level = std::max(Level(needs, left), needs.empty() ? 0 : kLeastTextTokens);
  for (SearchResult& result : results) Shorten(result, level);
}

}  // namespace coderank
