// Language models as a user meets them: `search --rerank listwise`, the verb `rerank` with one, and
// embedders that were made of them. The models are made up, so the tests are about which order or
// vector it is, not about a good one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/rerank_testing.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ProcessResult;

class DecoderProgramTest : public testing::RerankTreeTest {
 protected:
  ProcessResult Add(const std::string& name, const testing::TinyDecoderOptions& options) const {
    const auto folder = coderank_.world() / name;
    testing::WriteTinyDecoder(folder, options);
    return coderank_.Run({"model", "add", name, folder.native()});
  }
  void AddRanker(const std::string& name = "ranker", unsigned seed = 3) const {
    const ProcessResult added = Add(name, {.seed = seed});
    ASSERT_EQ(added.exit_code, 0) << added.err;
  }
};

TEST_F(DecoderProgramTest, WithoutARankerTheMessageComesBeforeAnIndexIsBegun) {
  const ProcessResult result = coderank_.Run({"search", kQuery, "--rerank", "listwise"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("no generator is installed"),
                                HasSubstr("coderank model pull CodeRankLLM")));
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
}

TEST_F(DecoderProgramTest, TheWholeWeightGivesTheRankersOrder) {
  AddRanker();
  const json plain = Search({});
  const json report = Search({"--rerank", "listwise", "--rerank-weight", "100"});
  ASSERT_EQ(report["results"].size(), 6U);
  // The verb ranks the same list, in the order of the search, to the same order.
  std::string lines;
  for (const json& result : plain["results"]) {
    lines += json{{"text", result["snippet"]}}.dump() + "\n";
  }
  const ProcessResult ranked =
      coderank_.Run({"rerank", kQuery, "--json", "--rerank-model", "ranker"}, lines);
  ASSERT_EQ(ranked.exit_code, 0) << ranked.err;
  const json places = json::parse(ranked.out)["results"];
  std::vector<std::string> expected;
  for (const json& place : places) expected.push_back(Paths(plain)[place["index"].get<size_t>()]);
  EXPECT_EQ(Paths(report), expected);
  EXPECT_NE(Paths(report), Paths(plain)) << "the made-up ranker happens to agree";
  EXPECT_EQ(places[0]["score"], 6.0);
  EXPECT_EQ(places[5]["score"], 1.0);
  // Places have the scores that they had.
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(report["results"][i]["score"].get<double>(),
                plain["results"][i]["score"].get<double>(), 1e-4);
  }
}

TEST_F(DecoderProgramTest, TheReportSaysWhatWasDone) {
  AddRanker();
  const json done = Search({"--rerank", "listwise"})["rerank"];
  EXPECT_EQ(done["model"], "ranker");
  EXPECT_EQ(done["weight"], 50);
  EXPECT_EQ(done["candidates"], 6);
  EXPECT_EQ(done["judged"], 6);
  EXPECT_EQ(done["windows"], 1);
  EXPECT_GT(done["tokens"], 1000);
  EXPECT_EQ(done["shortened"], false);
  EXPECT_GT(done["predicted_ms"], 0.0);
  const json two = Search({"--rerank", "listwise", "--rerank-depth", "2"});
  EXPECT_EQ(two["rerank"]["judged"], 2);
  EXPECT_EQ(two["results"].size(), 6U);
  EXPECT_NE(Search({"--rerank", "listwise", "--rerank-task", "issue"})["rerank"]["tokens"],
            done["tokens"])
      << "other instructions";
}

TEST_F(DecoderProgramTest, NoTimeLeavesTheOrderAndSaysSo) {
  AddRanker();
  const json report = Search({"--rerank", "listwise", "--budget", "0ms"});
  EXPECT_EQ(report["rerank"]["judged"], 0);
  EXPECT_EQ(report["rerank"]["shortened"], true);
  EXPECT_EQ(Paths(report), Paths(Search({})));
  EXPECT_EQ(Search({"--rerank", "listwise", "--budget", "600s"})["rerank"]["judged"], 6);
}

TEST_F(DecoderProgramTest, KindsAreKeptApart) {
  AddRanker();
  ASSERT_EQ(Add("vectors", {.embedder = true}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"model", "info", "ranker", "--json"})["kind"], "generator");
  const json info = coderank_.RunJson({"model", "info", "vectors", "--json"});
  EXPECT_EQ(info["kind"], "embedder");
  EXPECT_EQ(info["pooling"], "last");
  EXPECT_THAT(coderank_.Run({"embed", "text", "--model", "ranker"}).err,
              HasSubstr("model ranker: expected a model of kind embedder, found generator"));
  EXPECT_THAT(
      coderank_.Run({"search", kQuery, "--rerank", "listwise", "--rerank-model", "vectors"}).err,
      HasSubstr("model vectors: expected a model of kind generator, found embedder"));
  EXPECT_THAT(
      coderank_.Run({"search", kQuery, "--rerank", "cross-encoder", "--rerank-model", "ranker"})
          .err,
      HasSubstr("model ranker: expected a model of kind cross-encoder, found generator"));
}

TEST_F(DecoderProgramTest, ADecoderWithoutInstructionsIsNotInstalledAsARanker) {
  const auto folder = coderank_.world() / "plain";
  testing::WriteTinyDecoder(folder, {});
  const auto path = folder / "tokenizer.json";
  std::ifstream in(path);
  json tokenizer = json::parse(in);
  tokenizer["added_tokens"][0]["content"] = "<|start|>";
  std::ofstream(path) << tokenizer.dump();
  const ProcessResult refused = coderank_.Run({"model", "add", "plain", folder.native()});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("ChatML"));
}

// A query has the prompt of the known model before it, a text its end token behind it, and what
// spells a special token is text.
TEST_F(DecoderProgramTest, AnEmbedderReadsTextsAsTexts) {
  ASSERT_EQ(Add("nomic-embed-code", {.embedder = true}).exit_code, 0);
  const std::string prompt = "Represent this query for searching relevant code: ";
  const auto embed = [&](const std::string& text, bool query) {
    std::vector<std::string> flags = {"embed", "--jsonl", "--token-ids"};
    if (query) flags.emplace_back("--query");
    const ProcessResult result = coderank_.Run(flags, json{{"text", text}}.dump() + "\n");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out);
  };
  const auto ids = [](const std::string& text) {
    std::vector<int> bytes(text.begin(), text.end());
    bytes.push_back(258);  // <|endoftext|>
    return bytes;
  };
  const json document = embed("int x;", false);
  EXPECT_EQ(document["ids"].get<std::vector<int>>(), ids("int x;"));
  EXPECT_EQ(embed("int x;", true)["ids"].get<std::vector<int>>(), ids(prompt + "int x;"));
  EXPECT_EQ(embed("<|im_end|>", false)["ids"].get<std::vector<int>>(), ids("<|im_end|>"));
  const std::vector<double> vector = document["vector"];
  ASSERT_EQ(vector.size(), static_cast<size_t>(testing::kTinyDecoderHidden));
  double squares = 0;
  for (const double v : vector) squares += v * v;
  EXPECT_NEAR(squares, 1, 1e-5);
  EXPECT_NE(vector, embed("int x;", true)["vector"].get<std::vector<double>>());
}

TEST_F(DecoderProgramTest, AnIndexCanBeMadeWithSuchAnEmbedder) {
  ASSERT_EQ(Add("nomic-embed-code", {.embedder = true}).exit_code, 0);
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const json report = coderank_.RunJson({"search", kQuery, "--json", "--mode", "semantic"});
  EXPECT_EQ(report["model"], "nomic-embed-code");
  EXPECT_EQ(report["results"].size(), 6U);
}

}  // namespace
}  // namespace coderank
