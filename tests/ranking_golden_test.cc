// The order of results over a pinned corpus, query by query, as files whose diff shows in review.
//
// The corpus: two Python packages (one of them mostly C++) pinned by hash, and a small tree in many
// languages that lies in tests/data/ranking/harbor, with tests, generated, vendored and
// re-exporting files. Queries of six shapes are in <name>/annotations.json.
// goldens/<mode>/<repository>-NN.txt has a query's results, goldens/<mode>/rank_stats.txt the
// figures by repository and by shape.
//
// scripts/update-ranking-goldens writes them anew (CODERANK_UPDATE_GOLDENS=1). The tree is always
// checked; the packages where CODERANK_TEST_CLICK_DIR and CODERANK_TEST_PYBIND11_DIR are set; modes
// with vectors where CODERANK_TEST_MODEL_DIR is.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::CoderankRunner;
using testing::ProcessResult;

const fs::path kData = CODERANK_SOURCE_DIR "/tests/data/ranking";

struct Mode {
  const char* name;
  bool needs_model;
  std::vector<std::string> flags;
  // Results whose scores differ by at most this may change places: f32 kernel sets agree to 2e-5 in
  // a component of a vector, so to less than that in a cosine of two of them; ranking divides that
  // by the range of the cosines, which is a few tenths.
  double near_tie;
};

const Mode kSemantic = {.name = "semantic",
                        .needs_model = true,
                        .flags = {"--mode", "semantic", "--precision", "f32"},
                        .near_tie = 2e-4};
const Mode kHybrid = {.name = "hybrid",
                      .needs_model = true,
                      .flags = {"--mode", "hybrid", "--precision", "f32"},
                      .near_tie = 2e-4};
// Words are counted, so nothing depends on the machine.
const Mode kLexical = {
    .name = "lexical", .needs_model = false, .flags = {"--mode", "lexical"}, .near_tie = 1e-9};

bool Updating() { return std::getenv("CODERANK_UPDATE_GOLDENS") != nullptr; }

std::string Format(const char* format, auto... values) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::string ReadAll(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string PlaceOf(const json& result) {
  std::string place = result["path"];
  if (result.contains("start_line")) {
    place +=
        Format(":%u-%u", result["start_line"].get<unsigned>(), result["end_line"].get<unsigned>());
  }
  return place;
}

std::vector<std::string> PlacesOf(const json& results) {
  std::vector<std::string> places;
  for (const json& result : results) places.push_back(PlaceOf(result));
  return places;
}

// "* 3  path:first-last" where the star marks a result that is the first to cover some target.
std::string GoldenOf(const json& query) {
  std::string text =
      "query  " + query["query"].get<std::string>() + "\nshape  " +
      query["category"].get<std::string>() + "\n" +
      Format("NDCG@10 %.4f, %zu of %u targets found first by a result\n\n",
             query["ndcg"].get<double>(), query["ranks"].size(), query["targets"].get<unsigned>());
  const auto places = PlacesOf(query["results"]);
  for (size_t i = 0; i < places.size(); ++i) {
    bool gains = false;
    for (const json& rank : query["ranks"]) gains |= rank == i + 1;
    text += Format("%c %2zu  %s\n", gains ? '*' : ' ', i + 1, places[i].c_str());
  }
  return text;
}

// The places in a golden file, best first.
std::vector<std::string> PlacesIn(const std::string& golden) {
  std::vector<std::string> places;
  std::istringstream lines(golden.substr(std::min(golden.find("\n\n") + 2, golden.size())));
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > 6) places.push_back(line.substr(6));
  }
  return places;
}

// True if the results are the golden's but for changes of place among near ties.
bool EqualUpToTies(const json& results, const std::vector<std::string>& golden, double near_tie) {
  if (results.size() != golden.size()) return false;
  const auto score = [&](size_t i) { return results[i]["score"].get<double>(); };
  const auto places = PlacesOf(results);
  for (size_t i = 0; i < golden.size(); ++i) {
    const auto found = std::find(places.begin(), places.end(), golden[i]);
    // What is not there any more must have been beside the last, whose score is the nearest known.
    const size_t now =
        found == places.end() ? places.size() - 1 : static_cast<size_t>(found - places.begin());
    if (now != i && std::abs(score(now) - score(i)) > near_tie) return false;
  }
  return true;
}

std::string StatsRow(const std::string& name, const json& figures) {
  return Format("%-12s %7u  %.4f  %.4f  %.4f  %.4f\n", name.c_str(),
                figures["queries"].get<unsigned>(), figures["mrr"].get<double>(),
                figures["ndcg"].get<double>(), figures["recall"].get<double>(),
                figures["success_at_1"].get<double>());
}

class RankingGoldenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AddSources("harbor", (kData / "harbor/source").c_str());
    AddSources("click", std::getenv("CODERANK_TEST_CLICK_DIR"));
    AddSources("pybind11", std::getenv("CODERANK_TEST_PYBIND11_DIR"));
  }
  void AddSources(const std::string& name, const char* folder) {
    if (folder == nullptr) return;
    fs::create_directories(Sources() / name);
    fs::create_directory_symlink(folder, Sources() / name / "source");
    repositories_.push_back(name);
  }
  fs::path Sources() const { return coderank_.world() / "sources"; }

  // What a query answers, mode by mode; the whole of a run's JSON.
  json Evaluate(const Mode& mode) const {
    std::vector<std::string> arguments = {"eval",  kData.native(), "--sources", Sources().native(),
                                          "--out", "run.json",     "--quiet"};
    arguments.insert(arguments.end(), mode.flags.begin(), mode.flags.end());
    for (const std::string& name : repositories_) {
      arguments.insert(arguments.end(), {"--repository", name});
    }
    const ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(std::ifstream(coderank_.tree() / "run.json"), nullptr, false);
  }

  void Check(const Mode& mode) {
    if (mode.needs_model) {
      const char* model = std::getenv("CODERANK_TEST_MODEL_DIR");
      if (model == nullptr) GTEST_SKIP() << "CODERANK_TEST_MODEL_DIR is not set";
      ASSERT_EQ(coderank_.Run({"model", "add", "real", model}).exit_code, 0);
    }
    const json run = Evaluate(mode);
    ASSERT_TRUE(run.is_object());
    const fs::path goldens = kData / "goldens" / mode.name;
    if (Updating()) {
      ASSERT_EQ(repositories_.size(), 3U) << "the packages are needed to write all goldens";
      Write(run, goldens);
      return;
    }
    const bool same = CheckQueries(run, goldens, mode.near_tie);
    // Near ties that changed places change the figures too.
    if (same && repositories_.size() == 3) {
      EXPECT_EQ(StatsOf(run), ReadAll(goldens / "rank_stats.txt"))
          << "results are as expected, so labels or measures changed";
    }
    if (repositories_.size() < 3) {
      GTEST_SKIP() << "only harbor was checked: CODERANK_TEST_CLICK_DIR and "
                      "CODERANK_TEST_PYBIND11_DIR are not both set";
    }
  }

  static fs::path GoldenFile(const fs::path& goldens, const json& repository, size_t query) {
    return goldens /
           Format("%s-%02zu.txt", repository["name"].get<std::string>().c_str(), query + 1);
  }

  // True if every file is met to the letter.
  static bool CheckQueries(const json& run, const fs::path& goldens, double near_tie) {
    bool same = true;
    for (const json& repository : run["repositories"]) {
      for (size_t q = 0; q < repository["queries"].size(); ++q) {
        const json& query = repository["queries"][q];
        const fs::path file = GoldenFile(goldens, repository, q);
        const std::string golden = ReadAll(file);
        if (golden == GoldenOf(query)) continue;
        same = false;
        if (EqualUpToTies(query["results"], PlacesIn(golden), near_tie)) continue;
        ADD_FAILURE() << file << ": the results changed; if that is meant, run "
                      << "scripts/update-ranking-goldens and commit the difference. Now:\n"
                      << GoldenOf(query) << "expected:\n"
                      << golden;
      }
    }
    return same;
  }

  static std::string StatsOf(const json& run) {
    std::string text = "             queries  MRR@10  NDCG@10 Recall@10 Success@1\n";
    for (const auto& [name, figures] : run["by_repository"].items())
      text += StatsRow(name, figures);
    text += "\n";
    // Counted by query, not by repository: a shape has three queries in one and seven in another.
    json shapes;
    for (const json& repository : run["repositories"]) {
      for (const json& query : repository["queries"]) {
        shapes[query["category"].get<std::string>()].push_back(query);
      }
    }
    for (const auto& [name, queries] : shapes.items()) {
      json sum = {{"queries", queries.size()}};
      for (const char* measure : {"mrr", "ndcg", "recall", "success_at_1"}) {
        double total = 0;
        for (const json& query : queries) total += query[measure].get<double>();
        sum[measure] = total / static_cast<double>(queries.size());
      }
      text += StatsRow(name, sum);
    }
    json all = run["mean_over_queries"];
    all["queries"] = 0;
    for (const json& repository : run["repositories"]) {
      all["queries"] = all["queries"].get<size_t>() + repository["queries"].size();
    }
    return text + "\n" + StatsRow("all", all);
  }

  static void Write(const json& run, const fs::path& goldens) {
    fs::remove_all(goldens);
    fs::create_directories(goldens);
    for (const json& repository : run["repositories"]) {
      for (size_t q = 0; q < repository["queries"].size(); ++q) {
        std::ofstream(GoldenFile(goldens, repository, q)) << GoldenOf(repository["queries"][q]);
      }
    }
    std::ofstream(goldens / "rank_stats.txt") << StatsOf(run);
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
  std::vector<std::string> repositories_;  // whose sources are there
};

TEST_F(RankingGoldenTest, LexicalResultsAreAsRecorded) { Check(kLexical); }
TEST_F(RankingGoldenTest, SemanticResultsAreAsRecorded) { Check(kSemantic); }
TEST_F(RankingGoldenTest, HybridResultsAreAsRecorded) { Check(kHybrid); }

}  // namespace
}  // namespace coderank
