// Reranking as a user meets it: `search --rerank`, its budget and report, the verb `rerank`, and
// models of the wrong kind. The judge is made up, so the tests are about which order it is, not
// about a good one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/model_pull_testing.h"
#include "support/rerank_testing.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ModelPullTest;
using ::testing::Not;
using testing::ProcessResult;

class RerankTest : public testing::RerankTreeTest {
 protected:
  void AddJudge(const std::string& name = "judge", unsigned seed = 3) const {
    const auto folder = coderank_.world() / name;
    testing::WriteTinyModel(folder, {.seed = seed, .cross_encoder = true});
    const ProcessResult added = coderank_.Run({"model", "add", name, folder.native()});
    ASSERT_EQ(added.exit_code, 0) << added.err;
  }
};

TEST_F(RerankTest, WithoutAJudgeTheMessageComesBeforeAnIndexIsBegun) {
  const ProcessResult result = coderank_.Run({"search", kQuery, "--rerank", "cross-encoder"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("no cross-encoder is installed"),
                                HasSubstr("coderank model pull ms-marco-MiniLM-L-6-v2")));
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
  AddJudge();
  EXPECT_THAT(
      coderank_.Run({"search", kQuery, "--rerank", "cross-encoder", "--rerank-model", "no"}).err,
      HasSubstr("model no is not installed"));
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
}

TEST_F(RerankTest, TheWholeWeightGivesTheJudgesOrder) {
  AddJudge();
  const json report = Search({"--rerank", "cross-encoder", "--rerank-weight", "100"});
  ASSERT_EQ(report["results"].size(), 6U);
  std::string lines;
  for (const json& result : report["results"]) {
    lines += json{{"text", result["snippet"]}}.dump() + "\n";
  }
  const ProcessResult judged = coderank_.Run({"rerank", kQuery, "--json"}, lines);
  ASSERT_EQ(judged.exit_code, 0) << judged.err;
  const json scores = json::parse(judged.out)["results"];
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(scores[i]["index"], i) << "another order";
    EXPECT_NEAR(scores[i]["score"].get<double>(),
                report["results"][i]["rerank_score"].get<double>(), 1e-6);
  }
  EXPECT_NE(Paths(report), Paths(Search({}))) << "the made-up judge happens to agree";
}

TEST_F(RerankTest, TheReportSaysWhatWasDone) {
  AddJudge();
  const json plain = Search({});
  EXPECT_FALSE(plain.contains("rerank"));
  EXPECT_EQ(plain["timings_ms"]["rerank"], 0);
  EXPECT_FALSE(plain["results"][0].contains("rerank_score"));
  const json report = Search({"--rerank", "cross-encoder", "--rerank-weight", "0"});
  EXPECT_EQ(Paths(report), Paths(plain));
  const json& done = report["rerank"];
  EXPECT_EQ(done["model"], "judge");
  EXPECT_EQ(done["weight"], 0);
  EXPECT_EQ(done["candidates"], 6);
  EXPECT_EQ(done["judged"], 6);
  EXPECT_EQ(done["truncated"], 0);
  EXPECT_EQ(done["shortened"], false);
  EXPECT_GT(done["taken_ms"], 0.0);
  EXPECT_FALSE(done.contains("budget_ms"));
  EXPECT_GE(report["timings_ms"]["rerank"].get<double>(), done["taken_ms"].get<double>());
}

TEST_F(RerankTest, TermsStillMakeUpTheScore) {
  AddJudge();
  const json report = Search({"--rerank", "cross-encoder"});
  EXPECT_EQ(report["rerank"]["weight"], 25);
  for (const json& result : report["results"]) {
    double sum = 0;
    double factor = 1;
    bool explained = false;
    for (const json& term : result["terms"]) {
      (term.value("is_factor", false) ? factor *= term["value"].get<double>()
                                      : sum += term["value"].get<double>());
      explained |= term["name"] == "reranker";
    }
    EXPECT_TRUE(explained);
    EXPECT_NEAR(sum * factor, result["score"].get<double>(), 1e-4) << result;
  }
}

TEST_F(RerankTest, DepthSaysHowManyAreJudged) {
  AddJudge();
  const json report = Search({"--rerank", "cross-encoder", "--rerank-depth", "2"});
  EXPECT_EQ(report["rerank"]["candidates"], 2);
  EXPECT_EQ(report["rerank"]["judged"], 2);
  ASSERT_EQ(report["results"].size(), 6U);
  const std::vector<std::string> before = Paths(Search({}));
  const std::vector<std::string> after = Paths(report);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(report["results"][i].contains("rerank_score"), i < 2) << i;
    if (i >= 2) {
      EXPECT_EQ(after[i], before[i]);
    }
  }
  // More are judged than shown: the best of the judged come up.
  const json one = Search({"--rerank", "cross-encoder", "--rerank-weight", "100", "-k", "1"});
  EXPECT_EQ(one["rerank"]["judged"], 6);
  ASSERT_EQ(one["results"].size(), 1U);
  EXPECT_EQ(Paths(one)[0],
            Paths(Search({"--rerank", "cross-encoder", "--rerank-weight", "100"}))[0]);
}

TEST_F(RerankTest, NoTimeLeavesTheOrderAndSaysSo) {
  AddJudge();
  const ProcessResult result = coderank_.Run({"search", kQuery, "--mode", "lexical", "--json",
                                              "--rerank", "cross-encoder", "--budget", "0ms"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("judge judged 0 of 6 candidates"));
  EXPECT_THAT(result.err, HasSubstr("the budget is 0 ms"));
  const json report = json::parse(result.out);
  EXPECT_EQ(report["rerank"]["judged"], 0);
  EXPECT_EQ(report["rerank"]["shortened"], true);
  EXPECT_EQ(report["rerank"]["budget_ms"], 0);
  EXPECT_EQ(Paths(report), Paths(Search({})));
}

TEST_F(RerankTest, AWideBudgetJudgesAll) {
  AddJudge();
  const json report = Search({"--rerank", "cross-encoder", "--budget", "600s"});
  EXPECT_EQ(report["rerank"]["judged"], 6);
  EXPECT_EQ(report["rerank"]["budget_ms"], 600000);
  for (const char* wrong : {"5", "ms", "-1s", "1h", "nans", "infs", "1e9s", "90000s"}) {
    const ProcessResult refused = coderank_.Run({"search", kQuery, "--budget", wrong});
    EXPECT_EQ(refused.exit_code, 2) << wrong;
    EXPECT_THAT(refused.err, HasSubstr("--budget")) << wrong;
  }
}

TEST_F(RerankTest, FiltersAloneAreNotJudged) {
  AddJudge();
  const json report = coderank_.RunJson(
      {"search", "path:src/alpha.cc", "--mode", "lexical", "--json", "--rerank", "cross-encoder"});
  EXPECT_EQ(report["rerank"]["judged"], 0);
  EXPECT_EQ(report["rerank"]["shortened"], false);
  EXPECT_EQ(report["results"].size(), 1U);
}

TEST_F(RerankTest, KindsAreShownAndKeptApart) {
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  AddJudge();
  EXPECT_THAT(coderank_.Run({"model", "list"}).out,
              AllOf(HasSubstr("embedder"), HasSubstr("cross-encoder")));
  const json info = coderank_.RunJson({"model", "info", "judge", "--json"});
  EXPECT_EQ(info["kind"], "cross-encoder");
  EXPECT_EQ(info["max_tokens"], 128);
  EXPECT_FALSE(info.contains("pooling"));
  EXPECT_EQ(coderank_.RunJson({"model", "info", "tiny", "--json"})["kind"], "embedder");
  EXPECT_THAT(coderank_.Run({"model", "verify", "judge"}).out, HasSubstr("(cross-encoder, "));

  for (const auto& command : {std::vector<std::string>{"search", kQuery, "--model", "judge"},
                              std::vector<std::string>{"index", "--model", "judge"},
                              std::vector<std::string>{"embed", "text", "--model", "judge"}}) {
    const ProcessResult refused = coderank_.Run(command);
    EXPECT_EQ(refused.exit_code, 2) << command.front();
    EXPECT_THAT(refused.err, HasSubstr("model judge: expected a model of kind embedder"))
        << command.front();
  }
  const ProcessResult other =
      coderank_.Run({"search", kQuery, "--rerank", "cross-encoder", "--rerank-model", "tiny"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("model tiny: expected a model of kind cross-encoder"));
}

// With a judge alone there is no model that makes vectors, as before it was installed.
TEST_F(RerankTest, AJudgeIsNoDefaultModel) {
  AddJudge();
  const ProcessResult result = coderank_.Run({"search", kQuery, "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["mode"], "lexical");
  EXPECT_THAT(coderank_.Run({"embed", "text"}).err, HasSubstr("no model is installed"));
}

TEST_F(RerankTest, OfSeveralJudgesOneHasToBeNamed) {
  AddJudge("first", 3);
  AddJudge("second", 4);
  const std::string line = json{{"text", "read"}}.dump();
  const ProcessResult several = coderank_.Run({"rerank", kQuery}, line);
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_THAT(several.err, AllOf(HasSubstr("first, second"), HasSubstr("--rerank-model")));
  EXPECT_EQ(coderank_.Run({"rerank", kQuery, "--rerank-model", "second"}, line).exit_code, 0);
  AddJudge("ms-marco-MiniLM-L-6-v2", 5);
  EXPECT_EQ(coderank_.Run({"rerank", kQuery}, line).exit_code, 0);
}

TEST_F(RerankTest, EvalMeasuresTheNewOrder) {
  AddJudge();
  const std::string dataset = CODERANK_SOURCE_DIR "/tests/data/eval/annotated";
  const ProcessResult result =
      coderank_.Run({"eval", dataset, "--mode", "lexical", "--json", "--rerank", "cross-encoder",
                     "--rerank-weight", "100"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json settings = json::parse(result.out)["settings"];
  EXPECT_EQ(settings["reranker"], "judge");
  EXPECT_EQ(settings["rerank weight"], "100");
}

TEST_F(RerankTest, TheVerbJudgesLinesAndFiles) {
  AddJudge();
  const std::string lines = "{\"text\": \"read the file\"}\n\n{\"text\": \"int index\"}\n";
  const ProcessResult text = coderank_.Run({"rerank", kQuery}, lines);
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_EQ(std::count(text.out.begin(), text.out.end(), '\n'), 2);
  const json all = json::parse(coderank_.Run({"rerank", kQuery, "--json"}, lines).out);
  EXPECT_EQ(all["model"], "judge");
  ASSERT_EQ(all["results"].size(), 2U);
  EXPECT_GE(all["results"][0]["score"], all["results"][1]["score"]);
  const json best = json::parse(coderank_.Run({"rerank", kQuery, "--json", "-k", "1"}, lines).out);
  ASSERT_EQ(best["results"].size(), 1U);
  EXPECT_EQ(best["results"][0], all["results"][0]);

  const json files = json::parse(
      coderank_.Run({"rerank", kQuery, "--files", "--json"}, "src/alpha.cc\nsrc/beta.cc").out);
  ASSERT_EQ(files["results"].size(), 2U);
  EXPECT_THAT(files["results"][0]["path"].get<std::string>(), HasSubstr("src/"));
  std::string many;
  for (int i = 0; i < 200; ++i) many += "read ";
  const json cut = json::parse(
      coderank_.Run({"rerank", kQuery, "--json"}, json{{"text", many}}.dump()).out)["results"][0];
  EXPECT_EQ(cut["tokens"], 128);
  EXPECT_EQ(cut["truncated"], true);
}

TEST_F(RerankTest, TheVerbSaysWhatIsWrong) {
  AddJudge();
  EXPECT_EQ(coderank_.Run({"rerank", kQuery}, "").exit_code, 1);
  const ProcessResult bad = coderank_.Run({"rerank", kQuery}, "{\"text\": \"a\"}\n[1]\n");
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("standard input, line 2: expected {\"text\": \"...\"}"));
  EXPECT_EQ(bad.out, "");
  const ProcessResult missing = coderank_.Run({"rerank", kQuery, "--files"}, "src/none.cc\n");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("src/none.cc"));
}

class PullJudgeTest : public ModelPullTest {
 protected:
  PullJudgeTest() : ModelPullTest("cross-encoder/ms-marco-MiniLM-L-6-v2", "pair_gelu") {
    source_ = "ms-marco-MiniLM-L-6-v2";
  }
};

TEST_F(PullJudgeTest, TheKnownJudgeIsPulledByItsName) {
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  const json info = coderank_.RunJson({"model", "info", source_, "--json"});
  EXPECT_EQ(info["kind"], "cross-encoder");
  EXPECT_EQ(info["max_tokens"], 40);
  EXPECT_EQ(coderank_.Run({"rerank", "w1", "-q"}, "{\"text\": \"w2 w3\"}").exit_code, 0);
}

}  // namespace
}  // namespace coderank
