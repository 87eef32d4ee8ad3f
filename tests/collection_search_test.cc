// coderank search --collection: results of collections that other programs made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/collection_testing.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CollectionTest;
using ::testing::HasSubstr;
using testing::ProcessResult;

class CollectionSearchTest : public CollectionTest {
 protected:
  // As another program makes it with the same model: `field` "" is the unnamed vector.
  void MakeForeign(const std::string& name, const std::string& field = "",
                   const std::string& model = "tiny") {
    const json parameters = {{"size", 32}, {"distance", "Cosine"}};
    server_->Create(name, field.empty() ? parameters : json{{field, parameters}});
    json points = RichPoints(40, 32);
    const std::vector<json> vectors =
        coderank_.VectorsOf(TextsOf(points), {"--precision", "f32", "--model", model});
    for (size_t i = 0; i < points.size(); ++i) {
      json& point = points[i];
      const json& vector = vectors[i];
      point["vector"] = field.empty() ? vector : json{{field, vector}};
      point["payload"]["filePath"] = "docs/" + point["id"].dump();
      point["payload"]["startLine"] = 3;
      point["payload"]["endLine"] = 9;
    }
    Upsert(name, points);
  }
  json Search(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "search");
    arguments.emplace_back("--json");
    const ProcessResult found = coderank_.Run(arguments);
    EXPECT_NE(found.exit_code, 2) << found.err;
    return json::parse(found.out, nullptr, false);
  }
};

constexpr const char* kQuery = "document number 7 about topic 85";

TEST_F(CollectionSearchTest, AnyCollectionIsSearchedAsItIs) {
  for (const std::string field : {"", "fast-tiny"}) {
    const std::string docs = server_->Name("docs" + field);
    MakeForeign(docs, field);
    const json answer = Search({kQuery, "--collection", docs, "-k", "5"});
    ASSERT_EQ(answer["results"].size(), 5U);
    const json& best = answer["results"][0];
    EXPECT_THAT(best["text"].get<std::string>(), HasSubstr("number 7 ")) << answer;
    EXPECT_EQ(best["start_line"], 3);
    EXPECT_EQ(best["payload"]["endLine"], 9);
    EXPECT_EQ(answer["collections"][0]["model"], "tiny");
    EXPECT_EQ(answer["collections"][0]["hits"], 40);
    EXPECT_EQ(Search({kQuery, "--collection", docs, "-k", "5", "--exact"})["results"],
              answer["results"]);
  }
}

// Recall of the first look depends on how the collection was made; how many are rescored is ours.
TEST_F(CollectionSearchTest, CandidatesAreAsManyAsTheQuantizationNeeds) {
  if (server_->real()) GTEST_SKIP() << "a real server keeps no log";
  MakeForeign("docs");
  ASSERT_EQ(Migrate({"docs"}).exit_code, 0);
  Search({kQuery, "--collection", "docs"});
  EXPECT_EQ(server_->LastSearch()["quantization"], json({{"ignore", true}})) << "it has none";
  Search({kQuery, "--collection", "docs__tiny"});
  EXPECT_EQ(server_->LastSearch()["quantization"],
            json({{"rescore", true}, {"oversampling", 3.0}}));
  server_->Result("PATCH", "/collections/docs",
                  {{"quantization_config", {{"binary", {{"always_ram", true}}}}}});
  Search({kQuery, "--collection", "docs"});
  EXPECT_EQ(server_->LastSearch()["quantization"], json({{"rescore", true}, {"oversampling", 8.0}}))
      << "of one bit, as the server makes it unasked";
}

TEST_F(CollectionSearchTest, FiltersApplyBeforeTheBestAreChosen) {
  const std::string docs = server_->Name("docs");
  MakeForeign(docs);
  const json answer = Search({kQuery, "--collection", docs, "-k", "40", "--where", "flag=true"});
  EXPECT_EQ(answer["results"].size(), 20U);
  for (const json& result : answer["results"]) EXPECT_EQ(result["payload"]["flag"], true);
  const json one = Search({kQuery, "--collection", docs, "--where", "flag=true", "--where",
                           "metadata.source=docs/8.md"});
  EXPECT_EQ(one["results"].size(), 1U);
  EXPECT_EQ(coderank_.Run({"search", kQuery, "--collection", docs, "--where", "no"}).exit_code, 2);
  EXPECT_EQ(coderank_.Run({"search", kQuery, "--collection", docs, "--lang", "c"}).exit_code, 2);
}

TEST_F(CollectionSearchTest, SeveralCollectionsAreMergedByScore) {
  const std::string a = server_->Name("a");
  const std::string b = server_->Name("b");
  MakeForeign(a);
  MakeForeign(b);
  const json answer = Search({kQuery, "--collection", a, "--collection", b, "-k", "4"});
  EXPECT_EQ(answer["merged_by"], "score");
  EXPECT_EQ(answer["results"][0]["collection"], a);
  EXPECT_EQ(answer["results"][1]["collection"], b) << "the same point there";
  EXPECT_EQ(answer["results"][0]["score"], answer["results"][1]["score"]);
}

TEST_F(CollectionSearchTest, SeveralModelsAreMergedByRank) {
  ASSERT_EQ(coderank_.AddTinyModel(2, "other").exit_code, 0);
  const std::string a = server_->Name("a");
  const std::string b = server_->Name("b");
  MakeForeign(a);
  MakeForeign(b, "", "other");
  EXPECT_EQ(coderank_.Run({"search", kQuery, "--collection", a}).exit_code, 2)
      << "two models fit, and nothing says which";
  coderank_.Write(
      "../home/.config/coderank/config.toml",
      "[collections." + a + "]\nmodel = \"tiny\"\n[collections." + b + "]\nmodel = \"other\"\n");
  const json answer = Search({kQuery, "--collection", a, "--collection", b, "-k", "4"});
  EXPECT_EQ(answer["merged_by"], "rank");
  EXPECT_EQ(answer["results"][0]["collection"], a);
  EXPECT_EQ(answer["results"][1]["collection"], b);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_THAT(answer["results"][i]["text"].get<std::string>(), HasSubstr("number 7 "));
  }
}

TEST_F(CollectionSearchTest, AGuessThatIsWrongIsRefused) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs, 32);
  Upsert(docs, RichPoints(30, 32));
  const ProcessResult guessed = coderank_.Run({"search", kQuery, "--collection", docs});
  EXPECT_EQ(guessed.exit_code, 2);
  EXPECT_THAT(guessed.err, HasSubstr("another model's"));
  const ProcessResult named =
      coderank_.Run({"search", kQuery, "--collection", docs, "--model", "tiny"});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  EXPECT_THAT(named.err, HasSubstr("is it really that model"));
}

TEST_F(CollectionSearchTest, TheBestAreJudgedAgain) {
  const std::string docs = server_->Name("docs");
  MakeForeign(docs);
  const auto folder = coderank_.world() / "judge";
  testing::WriteTinyModel(folder, {.seed = 3, .cross_encoder = true});
  ASSERT_EQ(coderank_.Run({"model", "add", "judge", folder.native()}).exit_code, 0);
  const json answer = Search({kQuery, "--collection", docs, "-k", "15", "--rerank", "cross-encoder",
                              "--rerank-depth", "10", "--rerank-weight", "100"});
  ASSERT_EQ(answer["results"].size(), 15U);
  for (size_t i = 0; i < 15; ++i) {
    EXPECT_EQ(answer["results"][i].contains("rerank_score"), i < 10) << i;
    if (i == 0 || i >= 10) continue;
    EXPECT_LE(answer["results"][i]["rerank_score"], answer["results"][i - 1]["rerank_score"]);
  }
}

TEST_F(CollectionSearchTest, AMigratedCollectionNeedsNoSetting) {
  ASSERT_EQ(coderank_.AddTinyModel(2, "other").exit_code, 0);
  const std::string docs = server_->Name("docs");
  MakeCollection(docs);
  Upsert(docs, RichPoints(40));
  ASSERT_EQ(Migrate({docs, "--model", "other", "--take-name"}).exit_code, 0);
  const json answer = Search({kQuery, "--collection", docs});
  EXPECT_EQ(answer["collections"][0]["model"], "other");
  EXPECT_THAT(answer["results"][0]["text"].get<std::string>(), HasSubstr("number 7 "));
}

}  // namespace
}  // namespace coderank
