// Every constant of ranking, with its reason. Their effects, each one left out in turn, are printed
// by bench/ranking_ablation; docs/ranking.md has the table.
//
// Additions are in units of the best relevance among the candidates, so that they mean the same for
// every query and every encoder; factors multiply at the end.
#pragma once

#include <array>

#include "text/file_trait.h"

namespace coderank {

struct TraitFactor {
  FileTraits trait;
  double factor;
};

struct RankingWeights {
  // --- Relevance: (1 - semantic) * lexical + semantic * cosine, both scaled to 0 .. 1.
  // Words decide more than vectors in code search: names are chosen to be found, and a small
  // encoder takes everything in one project for similar. Of 0.1 to 0.4 no value stands out.
  double semantic = 0.2;
  // Whole paragraphs that describe what code does share few names with it, and most of their words
  // are prose: from short_words to long_words the share of the vectors grows to this. Chosen on
  // HumanEval's descriptions; questions of usual length stay below.
  double semantic_long = 0.7;
  double short_words = 8;
  double long_words = 16;
  // Root of the lexical score. BM25 is unbounded and grows with every rare word, so the first match
  // would leave all others far behind: a square root keeps the order and narrows the gaps.
  double lexical_root = 0.5;

  // --- Additions.
  // Several good chunks in one file mean that the file is about the question: the share of the
  // best file's total goes to each file's best chunk.
  double file_coherence = 0.2;
  // The query names something that this chunk defines: who asks for a name wants its definition,
  // not its uses. The lexical score says so too (bm25f.h); this settles it among common names.
  // Names that differ in case or underscores count less.
  double defines_name = 1.0;
  double defines_similar_name = 0.8;
  // And its scope is the one that the query qualifies it with: "Session.close".
  double defines_in_scope = 0.5;
  // The file is called what is asked for: "session.py" for Session. Where a file is a module, it is
  // the definition.
  double file_has_name = 1.5;
  // A sentence that mentions a name, like "how does HTTPAdapter retry", asks about the name more
  // often than for it.
  double defines_mentioned = 0.3;
  // The share of a sentence's words in the file's name, and the share of the file name's parts that
  // the sentence says. People name files by what they are for.
  double stem_words = 1.0;
  double stem_covered = 0.3;
  // The query is (the end of) this file's path.
  double is_path = 3.0;
  // And this is the place in it: more than all else that one chunk of a file has over another.
  double covers_line = 5.0;

  // --- Factors.
  // Tests and examples use everything and define nothing that is asked for; vendored and generated
  // code is not what people work on; a front door names everything. Prose tells about code, and in
  // a tree of code who asks means code; in a tree of prose this factor is not applied.
  std::array<TraitFactor, 9> traits = {{{kTraitTest, 0.3},
                                        {kTraitExample, 0.3},
                                        {kTraitDocs, 0.5},
                                        {kTraitProse, 0.3},
                                        {kTraitData, 0.5},
                                        {kTraitVendored, 0.3},
                                        {kTraitGenerated, 0.5},
                                        {kTraitReexport, 0.5},
                                        {kTraitDeclaration, 0.7}}};
  // Each further chunk of a file counts half as much as the one before: ten places of one file
  // answer less than one place of each of several.
  double same_file = 0.5;
};

inline constexpr RankingWeights kRankingWeights;

}  // namespace coderank
