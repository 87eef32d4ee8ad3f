// What each constant of ranking is worth: NDCG@10 over an annotated data set with it left out.
//
//   ranking_ablation DATASET SOURCES WORK                     every constant left out in turn
//   ranking_ablation DATASET SOURCES WORK NAME VALUE...       one constant at other values
//
// WORK holds the indexes that `coderank eval DATASET --sources SOURCES --work WORK` made.
// Candidates are found once for a query, so a variation costs ranking alone. A change that helps
// one repository of nine by less than 0.03 is noise: the last columns count repositories.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "base/thread_pool.h"
#include "base/try.h"
#include "coderank/engine.h"
#include "evaluation/dataset.h"
#include "evaluation/metrics.h"
#include "search/candidates.h"
#include "search/dense_source.h"
#include "search/index_segments.h"
#include "search/ranking.h"
#include "store/index_store.h"

namespace coderank {
namespace {

constexpr uint32_t kCutoff = 10;

struct NamedWeight {
  const char* name;
  double RankingWeights::*weight;
  double neutral;
};
constexpr NamedWeight kWeights[] = {
    {"lexical_root", &RankingWeights::lexical_root, 1},
    {"file_coherence", &RankingWeights::file_coherence, 0},
    {"defines_name", &RankingWeights::defines_name, 0},
    {"defines_similar_name", &RankingWeights::defines_similar_name, 0},
    {"defines_in_scope", &RankingWeights::defines_in_scope, 0},
    {"file_has_name", &RankingWeights::file_has_name, 0},
    {"defines_mentioned", &RankingWeights::defines_mentioned, 0},
    {"stem_words", &RankingWeights::stem_words, 0},
    {"stem_covered", &RankingWeights::stem_covered, 0},
    {"is_path", &RankingWeights::is_path, 0},
    {"covers_line", &RankingWeights::covers_line, 0},
    {"same_file", &RankingWeights::same_file, 1},
    {"semantic", &RankingWeights::semantic, 0},
};

struct Prepared {
  const evaluation::Query* query;
  QueryAnalysis analysis;
  std::vector<Candidate> candidates;
  RankingContext context;
};

struct PreparedRepository {
  std::string name;
  std::vector<Prepared> queries;
};

// NDCG by repository.
using Scores = std::vector<double>;

Scores Evaluate(const std::vector<PreparedRepository>& repositories,
                const RankingWeights& weights) {
  Scores scores;
  for (const PreparedRepository& repository : repositories) {
    double sum = 0;
    for (const Prepared& prepared : repository.queries) {
      std::vector<evaluation::RankedResult> results;
      for (const RankedCandidate& ranked :
           Rank(prepared.analysis, prepared.candidates, prepared.context, kCutoff, weights)) {
        const StoredChunk& chunk = prepared.candidates[ranked.index].chunk;
        results.push_back({.path = chunk.path,
                           .lines = {.first = chunk.start_line, .last = chunk.end_line},
                           .score = ranked.score});
      }
      const auto judgement = evaluation::JudgeChunks(results, prepared.query->targets);
      sum += evaluation::MeasuresOf(judgement, kCutoff)[evaluation::kNdcg];
    }
    scores.push_back(sum / static_cast<double>(repository.queries.size()));
  }
  return scores;
}

double Mean(const Scores& scores) {
  double sum = 0;
  for (const double score : scores) sum += score;
  return sum / static_cast<double>(scores.size());
}

void PrintRow(const std::string& label, const Scores& scores, const Scores& all) {
  int better = 0;
  int worse = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > all[i] + 1e-9) ++better;
    if (scores[i] < all[i] - 1e-9) ++worse;
  }
  std::printf("| %-28s |", label.c_str());
  for (const double score : scores) std::printf(" %.3f |", score);
  std::printf(" %.4f | %+.4f | %d | %d |\n", Mean(scores), Mean(scores) - Mean(all), better, worse);
}

Result<std::vector<PreparedRepository>> Prepare(const evaluation::Dataset& dataset,
                                                const std::filesystem::path& work,
                                                SearchMode mode) {
  CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
  ThreadPool pool(AvailableCores());
  std::unique_ptr<EmbeddingModel> model;
  if (mode != SearchMode::kLexical) {
    CODERANK_ASSIGN(Engine engine, Engine::Open({}));
    CODERANK_ASSIGN(model, engine.OpenModel(""));
  }
  const ResultFilter everything({});
  std::vector<PreparedRepository> prepared;
  for (const evaluation::Repository& repository : dataset.repositories) {
    const auto folder = work / repository.name / "index";
    CODERANK_ASSIGN(const IndexStore store, IndexStore::OpenForReading(folder));
    CODERANK_ASSIGN(const IndexSegments segments, IndexSegments::Open(store, folder, *kernels));
    std::optional<SegmentSource> dense;
    if (segments.vectors() != nullptr) {
      dense.emplace(*segments.vectors(), ScanResources{.kernels = *kernels, .pool = pool});
    }
    PreparedRepository out{.name = repository.name, .queries = {}};
    for (const evaluation::Query& query : repository.queries) {
      std::vector<float> vector;
      if (model != nullptr) {
        const std::string_view text = query.text;
        CODERANK_ASSIGN(auto embedded, model->Embed({&text, 1}, {.query = true}));
        vector = std::move(embedded.front().vector);
      }
      const QueryAnalysis analysis = AnalyseQuery(query.text);
      CODERANK_ASSIGN(CandidateSet found, FindCandidates(store, segments.lexical(), *kernels,
                                                         {.text = query.text,
                                                          .analysis = analysis,
                                                          .filter = everything,
                                                          .symbols = {},
                                                          .phrases = {},
                                                          .mode = mode,
                                                          .query_vector = vector,
                                                          .dense = dense ? &*dense : nullptr}));
      out.queries.push_back({&query,
                             analysis,
                             std::move(found.candidates),
                             {.mode = mode, .sources = {found.context}}});
    }
    prepared.push_back(std::move(out));
  }
  return prepared;
}

void PrintAblation(const std::vector<PreparedRepository>& repositories) {
  const Scores all = Evaluate(repositories, kRankingWeights);
  PrintRow("everything", all, all);
  for (const NamedWeight& named : kWeights) {
    RankingWeights weights = kRankingWeights;
    weights.*named.weight = named.neutral;
    PrintRow(StrCat("without ", named.name), Evaluate(repositories, weights), all);
  }
  for (size_t i = 0; i < kRankingWeights.traits.size(); ++i) {
    RankingWeights weights = kRankingWeights;
    weights.traits[i].factor = 1;
    PrintRow(StrCat("without ", TraitName(weights.traits[i].trait)),
             Evaluate(repositories, weights), all);
  }
}

Status PrintValues(const std::vector<PreparedRepository>& repositories, std::string_view name,
                   const std::vector<std::string>& values) {
  const Scores all = Evaluate(repositories, kRankingWeights);
  for (const std::string& value : values) {
    RankingWeights weights = kRankingWeights;
    bool known = false;
    for (const NamedWeight& named : kWeights) {
      if (named.name != name) continue;
      weights.*named.weight = std::strtod(value.c_str(), nullptr);
      known = true;
    }
    for (TraitFactor& factor : weights.traits) {
      if (TraitName(factor.trait) != name) continue;
      factor.factor = std::strtod(value.c_str(), nullptr);
      known = true;
    }
    if (!known) return InvalidArgument(StrCat(name, ": not a constant of ranking"));
    PrintRow(StrCat(name, " = ", value), Evaluate(repositories, weights), all);
  }
  return OkStatus();
}

Status Run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) {
    return InvalidArgument("usage: ranking_ablation DATASET SOURCES WORK [NAME VALUE...]");
  }
  CODERANK_ASSIGN(const evaluation::Dataset dataset,
                  evaluation::ReadDataset(arguments[0], {.sources = arguments[1]}));
  constexpr std::pair<SearchMode, const char*> kModes[] = {{SearchMode::kLexical, "lexical"},
                                                           {SearchMode::kSemantic, "semantic"},
                                                           {SearchMode::kHybrid, "hybrid"}};
  for (const auto& [mode, name] : kModes) {
    const auto prepared = Prepare(dataset, arguments[2], mode);
    if (!prepared) {
      std::printf("\n%s: %s\n", name, prepared.error().message().c_str());
      continue;
    }
    std::printf("\n| %s |", name);
    for (const PreparedRepository& repository : *prepared) {
      std::printf(" %s |", repository.name.c_str());
    }
    std::printf(" mean | change | better | worse |\n|---|");
    for (size_t i = 0; i < prepared->size() + 4; ++i) std::printf("--:|");
    std::printf("\n");
    if (arguments.size() == 3) {
      PrintAblation(*prepared);
    } else {
      CODERANK_TRY(PrintValues(*prepared, arguments[3], {arguments.begin() + 4, arguments.end()}));
    }
  }
  return OkStatus();
}

}  // namespace
}  // namespace coderank

int main(int argc, char** argv) {
  const coderank::Status status = coderank::Run({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::fprintf(stderr, "ranking_ablation: %s\n", status.message().c_str());
  return 2;
}
