#include "lexical/lexical_query.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "lexical/stop_words.h"
#include "text/identifiers.h"
#include "text/word_forms.h"

namespace coderank {
namespace {

// Whoever writes a compound means it; its parts are words that it is likely found near.
constexpr double kWordWeight = 1.0;
constexpr double kPartWeight = 0.8;
constexpr double kVariantWeight = 0.3;
// A word that is said twice matters more, but a pasted log must not be ruled by one word.
constexpr double kMostRepetitions = 2.0;
// Less than the word itself: that a name is defined matters most where the other words agree.
constexpr double kDefinitionWeight = 0.7;
// Of a word's weight, for it and its other forms alike. Questions say "parsing" where code says
// "parse"; much more would let frequent words spread over everything.
constexpr double kFamilyShare = 0.2;

double WeightOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWord:
    case TokenKind::kCompound:
      return kWordWeight;
    case TokenKind::kPart:
      return kPartWeight;
    case TokenKind::kVariant:
      return kVariantWeight;
  }
  return kWordWeight;
}

class QueryBuilder {
 public:
  void AddWords(std::string_view text, bool with_stop_words) {
    Tokenize(text, [&](TokenKind kind, std::string_view token) {
      if (!with_stop_words && IsStopWord(token)) return;
      const double one = WeightOf(kind);
      double& weight = At(token).weight;
      weight = weight == 0 ? one : std::min(weight + one, std::max(weight, kMostRepetitions * one));
      if (kind == TokenKind::kWord || kind == TokenKind::kCompound) names_.emplace_back(token);
    });
  }

  LexicalQuery Finish() {
    const size_t words = query_.terms.size();
    for (const std::string& name : names_) At("=" + name).weight = kDefinitionWeight;
    std::unordered_set<std::string> families;
    for (size_t i = 0; i < words; ++i) {
      const std::string family = WordFamily(query_.terms[i].term);
      const double weight = kFamilyShare * query_.terms[i].weight;
      if (!families.insert(family).second) continue;
      for (const std::string& form : WordForms(family)) {
        QueryTerm& term = At(form);
        term.family = family;
        term.family_weight = weight;
      }
    }
    return std::move(query_);
  }

  bool empty() const { return query_.terms.empty(); }

 private:
  QueryTerm& At(std::string_view term) {
    const auto [place, fresh] = places_.try_emplace(std::string(term), query_.terms.size());
    if (fresh) query_.terms.push_back({.term = std::string(term)});
    return query_.terms[place->second];
  }

  LexicalQuery query_;
  std::unordered_map<std::string, size_t> places_;
  std::vector<std::string> names_;  // words that may be names
};

}  // namespace

LexicalQuery MakeLexicalQuery(std::string_view text) {
  QueryBuilder builder;
  builder.AddWords(text, /*with_stop_words=*/false);
  if (builder.empty()) builder.AddWords(text, /*with_stop_words=*/true);
  return builder.Finish();
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
