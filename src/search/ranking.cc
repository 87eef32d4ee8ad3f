#include "search/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "search/name_signals.h"

namespace coderank {
namespace {

struct NamedTrait {
  FileTraits trait;
  std::string_view name;
};
constexpr NamedTrait kTraitNames[] = {{kTraitTest, "test file"},
                                      {kTraitExample, "example"},
                                      {kTraitDocs, "documentation folder"},
                                      {kTraitProse, "prose"},
                                      {kTraitData, "data file"},
                                      {kTraitVendored, "vendored"},
                                      {kTraitGenerated, "generated"},
                                      {kTraitReexport, "re-exports"},
                                      {kTraitDeclaration, "declarations"}};

class Ranker {
 public:
  Ranker(const QueryAnalysis& query, std::span<const Candidate> candidates,
         const RankingContext& context, const RankingWeights& weights)
      : query_(query), candidates_(candidates), context_(context), weights_(weights) {}

  std::vector<RankedCandidate> Run(size_t count) {
    ranked_.resize(candidates_.size());
    for (size_t i = 0; i < ranked_.size(); ++i) ranked_[i].index = i;
    AddRelevance();
    AddCoherence();
    for (RankedCandidate& ranked : ranked_) {
      AddNames(ranked);
      ApplyTraits(ranked);
    }
    Sort();
    Saturate();
    Sort();
    std::erase_if(ranked_, [this](const auto& ranked) { return SpeaksNothingFor(ranked); });
    if (ranked_.size() > count) ranked_.resize(count);
    return std::move(ranked_);
  }

 private:
  // A file's id is its own within its index.
  using FileKey = std::pair<size_t, int64_t>;

  const StoredChunk& ChunkOf(const RankedCandidate& ranked) const {
    return candidates_[ranked.index].chunk;
  }
  const SourceContext& SourceOf(const RankedCandidate& ranked) const {
    return context_.sources[candidates_[ranked.index].source];
  }
  FileKey FileOf(const RankedCandidate& ranked) const {
    return {candidates_[ranked.index].source, ChunkOf(ranked).file_id};
  }
  // Of a candidate with a cosine, how far it is above what everything in its index has.
  double AboveMean(const RankedCandidate& ranked) const {
    const double cosine = *candidates_[ranked.index].cosine;
    return std::max(0.0, cosine - double{SourceOf(ranked).mean_cosine});
  }

  void Add(RankedCandidate& ranked, std::string_view name, double value) const {
    if (value == 0) return;
    ranked.score += value;
    ranked.terms.push_back({.name = std::string(name), .value = value});
  }

  void Multiply(RankedCandidate& ranked, std::string_view name, double factor) const {
    if (factor == 1) return;
    ranked.score *= factor;
    ranked.terms.push_back({.name = std::string(name), .value = factor, .is_factor = true});
  }

  // Of the candidates that words found too: what one without a vector is likely to have. With 0
  // instead, the code that was just written would stand behind all that is like it.
  double UsualAboveMean() const {
    double sum = 0;
    size_t count = 0;
    for (const RankedCandidate& ranked : ranked_) {
      const Candidate& candidate = candidates_[ranked.index];
      if (!candidate.cosine || candidate.lexical == 0) continue;
      sum += AboveMean(ranked);
      ++count;
    }
    return count == 0 ? 0 : sum / static_cast<double>(count);
  }

  void AddRelevance() {
    double best_lexical = 0;
    double range = 0;
    for (const RankedCandidate& ranked : ranked_) {
      const Candidate& candidate = candidates_[ranked.index];
      best_lexical = std::max(best_lexical, candidate.lexical);
      if (candidate.cosine) range = std::max(range, AboveMean(ranked));
    }
    double semantic = range > 0 ? SemanticShare() : 0;
    if (context_.mode == SearchMode::kLexical) semantic = 0;
    if (context_.mode == SearchMode::kSemantic) semantic = 1;
    const bool hybrid = context_.mode == SearchMode::kHybrid && range > 0;
    const double usual = hybrid ? UsualAboveMean() : 0;
    for (RankedCandidate& ranked : ranked_) {
      const Candidate& candidate = candidates_[ranked.index];
      if (best_lexical > 0) {
        Add(ranked, "lexical",
            (1 - semantic) * std::pow(candidate.lexical / best_lexical, weights_.lexical_root));
      }
      if (candidate.cosine && range > 0) {
        Add(ranked, "semantic", semantic * AboveMean(ranked) / range);
      } else if (candidate.lexical > 0 && hybrid) {
        Add(ranked, "semantic, no vector yet", semantic * usual / range);
      }
      unit_ = std::max(unit_, ranked.score);
    }
    if (unit_ == 0) unit_ = 1;  // nothing but definitions
  }

  double SemanticShare() const {
    const double longer = (static_cast<double>(query_.words.size()) - weights_.short_words) /
                          (weights_.long_words - weights_.short_words);
    return weights_.semantic +
           (weights_.semantic_long - weights_.semantic) * std::clamp(longer, 0.0, 1.0);
  }

  void AddCoherence() {
    struct File {
      double total = 0;
      RankedCandidate* best = nullptr;
    };
    std::map<FileKey, File> files;
    double most = 0;
    for (RankedCandidate& ranked : ranked_) {
      File& file = files[FileOf(ranked)];
      file.total += ranked.score;
      if (file.best == nullptr || Precedes(ranked, *file.best)) file.best = &ranked;
      most = std::max(most, file.total);
    }
    if (most == 0) return;
    for (auto& [key, file] : files) {
      Add(*file.best, "file", weights_.file_coherence * unit_ * file.total / most);
    }
  }

  void AddNames(RankedCandidate& ranked) const {
    const NameSignals signals = FindNameSignals(query_, ChunkOf(ranked));
    const auto add = [&](std::string_view name, double weight, double signal) {
      Add(ranked, name, weight * unit_ * signal);
    };
    add("definition", weights_.defines_name, signals.defines_name);
    add("similar definition", weights_.defines_similar_name, signals.defines_similar_name);
    add("scope", weights_.defines_in_scope, signals.defines_in_scope);
    add("file named so", weights_.file_has_name, signals.file_has_name);
    add("mentioned definition", weights_.defines_mentioned, signals.defines_mentioned);
    add("words in file name", weights_.stem_words, signals.stem_words);
    add("file name covered", weights_.stem_covered, signals.stem_covered);
    add("path", weights_.is_path, signals.is_path);
    add("line", weights_.covers_line, signals.covers_line);
  }

  void ApplyTraits(RankedCandidate& ranked) const {
    const FileTraits held_back =
        ChunkOf(ranked).traits & ~query_.wanted_traits & ~SourceOf(ranked).common_traits;
    for (const TraitFactor& factor : weights_.traits) {
      if ((held_back & factor.trait) != 0) Multiply(ranked, TraitName(factor.trait), factor.factor);
    }
  }

  // In the present order, so that a file's best chunk is not reduced.
  void Saturate() {
    std::map<FileKey, double> next;  // factor of a file's next chunk
    for (RankedCandidate& ranked : ranked_) {
      double& factor = next.try_emplace(FileOf(ranked), 1.0).first->second;
      Multiply(ranked, "same file", factor);
      factor *= weights_.same_file;
    }
  }

  // What vectors found stays, however far it is: who asks for ten results gets the ten nearest.
  bool SpeaksNothingFor(const RankedCandidate& ranked) const {
    return ranked.score <= 0 &&
           (context_.mode == SearchMode::kLexical || !candidates_[ranked.index].cosine);
  }

  bool Precedes(const RankedCandidate& a, const RankedCandidate& b) const {
    if (a.score != b.score) return a.score > b.score;
    // Below the mean all relevance is 0.
    const auto& nearer = candidates_[a.index].cosine;
    const auto& farther = candidates_[b.index].cosine;
    if (context_.mode != SearchMode::kLexical && nearer != farther) return nearer > farther;
    const StoredChunk& left = ChunkOf(a);
    const StoredChunk& right = ChunkOf(b);
    return std::tie(left.path, left.start_line, candidates_[a.index].source, left.id) <
           std::tie(right.path, right.start_line, candidates_[b.index].source, right.id);
  }

  void Sort() {
    std::sort(ranked_.begin(), ranked_.end(),
              [this](const auto& a, const auto& b) { return Precedes(a, b); });
  }

  const QueryAnalysis& query_;
  std::span<const Candidate> candidates_;
  const RankingContext& context_;
  const RankingWeights& weights_;
  double unit_ = 0;  // the best relevance
  std::vector<RankedCandidate> ranked_;
};

}  // namespace

std::string_view TraitName(FileTraits trait) {
  for (const NamedTrait& known : kTraitNames) {
    if (known.trait == trait) return known.name;
  }
  return "unknown";
}

std::vector<RankedCandidate> Rank(const QueryAnalysis& query, std::span<const Candidate> candidates,
                                  const RankingContext& context, size_t count,
                                  const RankingWeights& weights) {
  return Ranker(query, candidates, context, weights).Run(count);
}

}  // namespace coderank
