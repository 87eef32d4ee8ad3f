// `coderank eval` as a user runs it: figures worked out by hand, data sets of both layouts through
// the real engine, what it leaves behind, and agreement with the reference scorer of the data set
// that CODERANK_EVAL_DIR names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::Not;
using testing::ProcessResult;

constexpr const char* kAnnotated = CODERANK_SOURCE_DIR "/tests/data/eval/annotated";
constexpr const char* kCollection = CODERANK_SOURCE_DIR "/tests/data/eval/collection";

// Sums of a few quotients, printed with all digits.
constexpr double kRounding = 1e-12;

class EvalProgramTest : public ::testing::Test {
 protected:
  void AddModel() const {
    const ProcessResult added = coderank_.AddTinyModel();
    ASSERT_EQ(added.exit_code, 0) << added.err;
  }
  // `eval ... --json`, which must succeed.
  json Eval(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "eval");
    arguments.insert(arguments.end(), {"--json", "--per-query"});
    const ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  std::string ErrorOf(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "eval");
    const ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.out;
    return result.err;
  }
  std::string InWorld(const std::string& name) const { return (coderank_.world() / name).native(); }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

// alpha/1: read.cc found second, open.cc not at all: (1 / log2(3)) / (1 + 1 / log2(3)).
// alpha/2: the first chunk ends before line 4, the second covers it: 1 / log2(3). alpha/3: 0.
// beta/1: "write.py" is the end of "src/write.py": 1.
TEST_F(EvalProgramTest, ScoresARunFileByHand) {
  const json run = Eval({kAnnotated, "--score", std::string(kAnnotated) + "/results.trec"});
  const double second = 1 / std::log2(3.0);
  const double alpha = (second / (1 + second) + second + 0) / 3;
  EXPECT_NEAR(run["by_repository"]["alpha"]["ndcg"].get<double>(), alpha, kRounding);
  EXPECT_NEAR(run["by_repository"]["beta"]["ndcg"].get<double>(), 1, kRounding);
  EXPECT_NEAR(run["mean_over_repositories"]["ndcg"].get<double>(), (alpha + 1) / 2, kRounding);
  EXPECT_NEAR(run["mean_over_queries"]["ndcg"].get<double>(), (3 * alpha + 1) / 4, kRounding);
  EXPECT_NEAR(run["mean_over_queries"]["mrr"].get<double>(), (0.5 + 0.5 + 0 + 1) / 4, kRounding);
  EXPECT_NEAR(run["mean_over_queries"]["recall"].get<double>(), (0.5 + 1 + 0 + 1) / 4, kRounding);
  EXPECT_NEAR(run["mean_over_queries"]["success_at_1"].get<double>(), 0.25, kRounding);
  EXPECT_NEAR(run["mean_over_queries"]["success"].get<double>(), 0.75, kRounding);
  // The mean of alpha's two semantic queries and of beta's one.
  EXPECT_NEAR(run["by_category"]["semantic"]["ndcg"].get<double>(),
              (second / (1 + second) / 2 + 1) / 2, kRounding);
  EXPECT_EQ(run["by_language"]["python"]["queries"], 1);
  EXPECT_EQ(run["repositories"][0]["queries"][0]["ranks"], json::array({2}));
}

// q1: the only relevant document second. q2: grade 1 before grade 2:
// (1 + 2 / log2(3)) / (2 + 1 / log2(3)).
TEST_F(EvalProgramTest, ScoresGradedDocumentsByHand) {
  const json run = Eval({kCollection, "--score", std::string(kCollection) + "/results.trec"});
  const double second = 1 / std::log2(3.0);
  const double graded = (1 + 2 * second) / (2 + second);
  const json& queries = run["repositories"][0]["queries"];
  ASSERT_EQ(queries.size(), 2U) << "q3 is not judged";
  EXPECT_NEAR(queries[0]["ndcg"].get<double>(), second, kRounding);
  EXPECT_NEAR(queries[1]["ndcg"].get<double>(), graded, kRounding);
  EXPECT_NEAR(run["mean_over_queries"]["ndcg"].get<double>(), (second + graded) / 2, kRounding);
  EXPECT_NEAR(run["mean_over_queries"]["mrr"].get<double>(), 0.75, kRounding);
}

TEST_F(EvalProgramTest, PrintsATable) {
  const ProcessResult result = coderank_.Run(
      {"eval", kAnnotated, "--score", std::string(kAnnotated) + "/results.trec", "--per-query"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("NDCG@10"), HasSubstr("mean over repositories"),
                                HasSubstr("symbol"), HasSubstr("how is a line written?"),
                                HasSubstr("targets  found at rank; query")));
  EXPECT_THAT(result.err, IsEmpty());
}

TEST_F(EvalProgramTest, SearchesTreesWhereTheyLieAndLeavesNothingBehind) {
  AddModel();
  const fs::path temporary = coderank_.world() / "tmp";
  const fs::path data = coderank_.world() / "data";
  fs::create_directories(temporary);
  fs::copy(kAnnotated, data, fs::copy_options::recursive);
  coderank_.environment()["TMPDIR"] = temporary.native();
  const json run = Eval({data.native()});
  const json& beta = run["repositories"][1];
  EXPECT_EQ(beta["files"], 1);
  EXPECT_EQ(beta["queries"][0]["ndcg"], 1.0) << "the only file, whatever the model: " << beta;
  EXPECT_EQ(beta["queries"][0]["results"][0]["path"], "write.py");
  EXPECT_EQ(run["repositories"][0]["files"], 3);
  EXPECT_EQ(run["settings"]["model"], "tiny");
  EXPECT_TRUE(fs::is_empty(temporary));
  EXPECT_FALSE(fs::exists(data / "alpha/source/.coderank"));
  const fs::path known = coderank_.world() / "home/.local/state/coderank/indexes";
  EXPECT_TRUE(!fs::exists(known) || fs::is_empty(known)) << "the index is forgotten";
}

TEST_F(EvalProgramTest, SearchesDocumentsAndKeepsItsWork) {
  AddModel();
  const std::string work = InWorld("work");
  const json first = Eval({kCollection, "--work", work, "--trec", InWorld("run.trec")});
  const json& queries = first["repositories"][0]["queries"];
  EXPECT_EQ(first["repositories"][0]["files"], 3);
  EXPECT_EQ(first["repositories"][0]["skipped_files"], 0);
  ASSERT_EQ(queries.size(), 2U);
  for (const json& query : queries) {
    std::set<std::string> found;
    for (const json& result : query["results"]) found.insert(result["path"]);
    EXPECT_EQ(found.size(), query["results"].size()) << "every document once";
    EXPECT_THAT(found, Not(IsEmpty()));
    EXPECT_THAT(found, IsSubsetOf({"doc one", "../doc-2", "d3"})) << "under its own id";
  }
  EXPECT_TRUE(fs::exists(fs::path(work) / "collection/documents/tree/000/000000.py"));
  const json second = Eval({kCollection, "--work", work});
  EXPECT_EQ(second["mean_over_queries"], first["mean_over_queries"]);
  const json scored = Eval({kCollection, "--score", InWorld("run.trec")});
  EXPECT_EQ(scored["mean_over_queries"], first["mean_over_queries"]);
}

// Three documents, and the first has more chunks than results are asked for.
TEST_F(EvalProgramTest, ADocumentOfManyChunksTakesOnePlace) {
  AddModel();
  std::string text;
  for (int i = 0; i < 400; ++i) text += "the same words in every line of it\n";
  coderank_.Write("set/corpus.jsonl", json{{"_id", "long"}, {"text", text}}.dump() + "\n" +
                                          json{{"_id", "a"}, {"text", "the words"}}.dump() + "\n" +
                                          json{{"_id", "b"}, {"text", "every line"}}.dump() + "\n");
  coderank_.Write("set/queries.jsonl", R"({"_id": "q", "text": "the same words in every line"})");
  coderank_.Write("set/qrels/test.tsv", "q\ta\t1\n");
  const json run = Eval({"set", "-k", "3"});
  const json& repository = run["repositories"][0];
  ASSERT_GT(repository["chunks"], 6) << "or the test shows nothing";
  EXPECT_EQ(repository["queries"][0]["results"].size(), 3U);
  EXPECT_EQ(repository["queries"][0]["recall"], 1.0);
}

TEST_F(EvalProgramTest, ComparesTwoRuns) {
  const std::string results = std::string(kAnnotated) + "/results.trec";
  Eval({kAnnotated, "--score", results, "--out", InWorld("a.json")});
  coderank_.Write("better.trec",
                  "alpha/1 Q0 src/read.cc:1-5 1 2 x\nalpha/3 Q0 src/missing.cc 1 1 x\n");
  Eval({kAnnotated, "--score", "better.trec", "--out", InWorld("b.json")});
  const json comparison = coderank_.RunJson(
      {"eval", "compare", InWorld("a.json"), InWorld("b.json"), "--json", "--per-query"});
  const json& ndcg = comparison["measures"]["NDCG@10"];
  EXPECT_EQ(ndcg["better"], 2);
  EXPECT_EQ(ndcg["worse"], 2);
  EXPECT_NEAR(ndcg["difference"].get<double>(), ndcg["b"].get<double>() - ndcg["a"].get<double>(),
              kRounding);
  EXPECT_LE(ndcg["low"], ndcg["difference"]);
  EXPECT_EQ(comparison["changed"][0]["id"], "beta/1") << "worst first";
  const ProcessResult table =
      coderank_.Run({"eval", "compare", InWorld("a.json"), InWorld("b.json"), "--per-query"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.out, AllOf(HasSubstr("95 % interval"), HasSubstr("nothing finds this")));
}

TEST_F(EvalProgramTest, ErrorsNameTheWayOut) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("DATASET: is required"));
  EXPECT_THAT(ErrorOf({"no/such/folder"}), HasSubstr("expected a data set"));
  EXPECT_THAT(ErrorOf({kAnnotated, "--repository", "gamma"}), HasSubstr("known: alpha, beta"));
  EXPECT_THAT(ErrorOf({kAnnotated, "--sources", "nowhere"}), HasSubstr("--sources"));
  EXPECT_THAT(ErrorOf({kCollection, "--split", "dev"}), HasSubstr("dev.tsv"));
  EXPECT_THAT(ErrorOf({"compare", "one.json"}), HasSubstr("expected two files"));
  EXPECT_THAT(ErrorOf({"compare", "one.json", "two.json"}), HasSubstr("one.json"));
  EXPECT_THAT(ErrorOf({"compare"}), HasSubstr("A B: is required"));
  EXPECT_THAT(ErrorOf({kAnnotated, "compare", "--no-such-flag"}), HasSubstr("--no-such-flag"));
}

// The scorer that comes with the data set sees the same results and must give the same figures.
class ReferenceScorerTest : public EvalProgramTest {
 protected:
  void SetUp() override {
    const char* data = std::getenv("CODERANK_EVAL_DIR");
    const char* sources = std::getenv("CODERANK_EVAL_SOURCES");
    if (data == nullptr || sources == nullptr) {
      GTEST_SKIP() << "CODERANK_EVAL_DIR (repos.json, score.py) and CODERANK_EVAL_SOURCES "
                      "(<name>/source) are not set";
    }
    data_ = data;
    sources_ = sources;
    AddModel();
    if (const char* model = std::getenv("CODERANK_TEST_MODEL_DIR"); model != nullptr) {
      ASSERT_EQ(coderank_.Run({"model", "add", "real", model}).exit_code, 0);
      model_ = "real";
    }
  }
  // What score.py says of the results in `run`.
  json Scored(const json& run) const {
    json results;
    for (const json& repository : run["repositories"]) {
      for (const json& query : repository["queries"]) {
        results[repository["name"].get<std::string>()][query["query"].get<std::string>()] =
            query["results"];
      }
    }
    coderank_.Write("results.json", results.dump());
    std::vector<std::string> command = {"python3", data_ + "/score.py", "--data", data_,
                                        "--run",   "results.json",      "--out",  "scores.json"};
    for (const auto& [name, queries] : results.items())
      command.insert(command.end(), {"--repo", name});
    const ProcessResult scored =
        testing::RunProcess(command, {.working_directory = coderank_.tree()});
    EXPECT_EQ(scored.exit_code, 0) << scored.err;
    return json::parse(std::ifstream(coderank_.tree() / "scores.json"), nullptr, false);
  }
  std::string data_;
  std::string sources_;
  std::string model_ = "tiny";
};

TEST_F(ReferenceScorerTest, GivesTheSameFigures) {
  const json run = Eval({data_, "--sources", sources_, "--model", model_, "--repository", "express",
                         "--repository", "xmonad", "--repository", "requests"});
  const json scores = Scored(run);
  EXPECT_NEAR(scores["overall"]["mean_over_repos"].get<double>(),
              run["mean_over_repositories"]["ndcg"].get<double>(), kRounding);
  for (const auto& [category, value] : scores["overall"]["by_category_over_repos"].items()) {
    EXPECT_NEAR(value.get<double>(), run["by_category"][category]["ndcg"].get<double>(), kRounding);
  }
  size_t compared = 0;
  for (size_t r = 0; r < run["repositories"].size(); ++r) {
    for (size_t q = 0; q < run["repositories"][r]["queries"].size(); ++q, ++compared) {
      EXPECT_NEAR(scores["repos"][r]["queries"][q]["ndcg"].get<double>(),
                  run["repositories"][r]["queries"][q]["ndcg"].get<double>(), kRounding)
          << run["repositories"][r]["queries"][q]["query"];
    }
  }
  EXPECT_EQ(compared, 60U);
}

}  // namespace
}  // namespace coderank
