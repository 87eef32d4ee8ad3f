#include "lexical/lexical_query.h"

#include <algorithm>
#include <unordered_map>

#include "lexical/stop_words.h"
#include "text/identifiers.h"

namespace coderank {
namespace {

// A compound is what was asked for; its parts are words that it is likely found near.
constexpr double kWordWeight = 1.0;
constexpr double kCompoundWeight = 1.0;
constexpr double kPartWeight = 0.6;
constexpr double kVariantWeight = 0.3;
// A word that is said twice matters more, but a pasted log must not be ruled by one word.
constexpr double kMostRepetitions = 2.0;

double WeightOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWord:
      return kWordWeight;
    case TokenKind::kCompound:
      return kCompoundWeight;
    case TokenKind::kPart:
      return kPartWeight;
    case TokenKind::kVariant:
      return kVariantWeight;
  }
  return kWordWeight;
}

LexicalQuery Gather(std::string_view text, bool with_stop_words) {
  LexicalQuery query;
  std::unordered_map<std::string, size_t> places;
  Tokenize(text, [&](TokenKind kind, std::string_view token) {
    if (!with_stop_words && IsStopWord(token)) return;
    const auto [place, fresh] = places.try_emplace(std::string(token), query.terms.size());
    const double weight = WeightOf(kind);
    if (fresh) {
      query.terms.push_back({.term = std::string(token), .weight = weight});
      return;
    }
    double& sum = query.terms[place->second].weight;
    sum = std::min(sum + weight, std::max(sum, kMostRepetitions * weight));
  });
  return query;
}

}  // namespace

LexicalQuery MakeLexicalQuery(std::string_view text) {
  LexicalQuery query = Gather(text, /*with_stop_words=*/false);
  return query.terms.empty() ? Gather(text, /*with_stop_words=*/true) : query;
}

std::vector<std::string> PhraseTerms(std::string_view phrase) {
  std::vector<std::string> terms;
  Tokenize(phrase, [&terms](TokenKind kind, std::string_view token) {
    if (kind != TokenKind::kVariant) terms.emplace_back(token);
  });
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

}  // namespace coderank
