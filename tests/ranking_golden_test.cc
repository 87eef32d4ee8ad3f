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
  // Queries that may differ from their files. Words give the same scores everywhere. Vectors differ
  // between kernel sets by rounding; where two chunks of a file are nearly as good, either may be
  // its best one, whose score is not reduced, so what follows moves too. Measured between avx2 and
  // avx512vnni in f32: 2 of the 50 queries in each mode.
  size_t may_differ;
};

constexpr Mode kLexical = {.name = "lexical", .may_differ = 0};
constexpr Mode kSemantic = {.name = "semantic", .may_differ = 4};
constexpr Mode kHybrid = {.name = "hybrid", .may_differ = 4};

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

// "* 3  path:first-last" where the star marks a result that is the first to cover some target.
std::string GoldenOf(const json& query) {
  std::string text =
      "query  " + query["query"].get<std::string>() + "\nshape  " +
      query["category"].get<std::string>() + "\n" +
      Format("NDCG@10 %.4f, %zu of %u targets found first by a result\n\n",
             query["ndcg"].get<double>(), query["ranks"].size(), query["targets"].get<unsigned>());
  const json& results = query["results"];
  for (size_t i = 0; i < results.size(); ++i) {
    bool gains = false;
    for (const json& rank : query["ranks"]) gains |= rank == i + 1;
    text += Format("%c %2zu  %s\n", gains ? '*' : ' ', i + 1, PlaceOf(results[i]).c_str());
  }
  return text;
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
    std::vector<std::string> arguments = {
        "eval",    kData.native(), "--sources", Sources().native(), "--out", "run.json", "--mode",
        mode.name, "--precision",  "f32",       "--quiet"};
    for (const std::string& name : repositories_) {
      arguments.insert(arguments.end(), {"--repository", name});
    }
    const ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(std::ifstream(coderank_.tree() / "run.json"), nullptr, false);
  }

  void Check(const Mode& mode) {
    const json run = Evaluate(mode);
    ASSERT_TRUE(run.is_object());
    const fs::path goldens = kData / "goldens" / mode.name;
    if (Updating()) {
      ASSERT_EQ(repositories_.size(), 3U) << "the packages are needed to write all goldens";
      Write(run, goldens);
      return;
    }
    const std::vector<std::string> different = Differences(run, goldens);
    if (different.size() > mode.may_differ) {
      std::string all;
      for (const std::string& difference : different) all += difference;
      FAIL() << different.size() << " queries have other results; if that is meant, run "
             << "scripts/update-ranking-goldens and commit the difference\n"
             << all;
    }
    if (different.empty() && repositories_.size() == 3) {
      EXPECT_EQ(StatsOf(run), ReadAll(goldens / "rank_stats.txt"))
          << "the results are as recorded, so the measures changed";
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

  // What differs from its file: the query's results as they are and as they were.
  static std::vector<std::string> Differences(const json& run, const fs::path& goldens) {
    std::vector<std::string> different;
    for (const json& repository : run["repositories"]) {
      for (size_t q = 0; q < repository["queries"].size(); ++q) {
        const fs::path file = GoldenFile(goldens, repository, q);
        const std::string now = GoldenOf(repository["queries"][q]);
        const std::string golden = ReadAll(file);
        if (now == golden) continue;
        std::string& difference = different.emplace_back("\n");
        difference += file.filename().native();
        difference += ", now:\n";
        difference += now;
        difference += "recorded:\n";
        difference += golden;
      }
    }
    return different;
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

// One test, because the second mode finds the vectors of the first in the cache of this user.
TEST_F(RankingGoldenTest, ResultsWithVectorsAreAsRecorded) {
  const char* model = std::getenv("CODERANK_TEST_MODEL_DIR");
  if (model == nullptr) GTEST_SKIP() << "CODERANK_TEST_MODEL_DIR is not set";
  ASSERT_EQ(coderank_.Run({"model", "add", "real", model}).exit_code, 0);
  Check(kSemantic);
  Check(kHybrid);
}

}  // namespace
}  // namespace coderank
