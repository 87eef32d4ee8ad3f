// /v1/rerank and /v2/rerank: documents judged in the shapes that other people's clients speak.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/serve_testing.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::HttpText;
using testing::IsError;

class ServeRerankTest : public testing::ServeTest {
 protected:
  void AddJudge() const {
    const auto folder = coderank_.world() / "judge";
    testing::WriteTinyModel(folder, {.seed = 3, .cross_encoder = true});
    ASSERT_EQ(coderank_.Run({"model", "add", "judge", folder.native()}).exit_code, 0);
  }
  static std::vector<int> Order(const json& answer) {
    std::vector<int> order;
    for (const json& result : answer["results"]) order.push_back(result["index"]);
    return order;
  }

  const json documents_ = {"read the file", "int index", "write bytes", "while true"};
};

TEST_F(ServeRerankTest, OrderIsThatOfTheProgram) {
  AddJudge();
  Serve();
  std::string lines;
  for (const json& document : documents_) lines += json{{"text", document}}.dump() + "\n";
  const json expected = json::parse(coderank_.Run({"rerank", "read", "--json"}, lines).out);
  for (const char* path : {"/v1/rerank", "/v2/rerank"}) {
    const json answer = Post(path, {{"query", "read"}, {"documents", documents_}}).Json();
    EXPECT_EQ(Order(answer), Order(expected)) << answer;
    EXPECT_EQ(answer["model"], "judge");
    EXPECT_GT(answer["usage"]["total_tokens"], 8);
    double above = 1;
    for (const json& result : answer["results"]) {
      EXPECT_LE(result["relevance_score"], above);
      above = result["relevance_score"];
      EXPECT_GT(above, 0);
      EXPECT_FALSE(result.contains("document"));
    }
  }
}

TEST_F(ServeRerankTest, FewerAndWithTheirTexts) {
  AddJudge();
  Serve();
  const json all = Post("/v1/rerank", {{"query", "read"}, {"documents", documents_}}).Json();
  json objects = json::array();
  for (const json& document : documents_) objects.push_back({{"text", document}});
  const json best = Post("/v1/rerank", {{"model", "judge"},
                                        {"query", "read"},
                                        {"documents", objects},
                                        {"top_n", 2},
                                        {"return_documents", true}})
                        .Json();
  ASSERT_EQ(best["results"].size(), 2U) << best;
  for (size_t i = 0; i < 2; ++i) {
    const json& result = best["results"][i];
    EXPECT_EQ(result["index"], all["results"][i]["index"]);
    EXPECT_EQ(result["document"]["text"], documents_[result["index"].get<size_t>()]);
  }
  std::string many;
  for (int i = 0; i < 200; ++i) many += "read ";
  const json cut = Post("/v2/rerank", {{"query", "read"}, {"documents", {many}}}).Json();
  EXPECT_EQ(cut["results"][0]["truncated"], true);
}

TEST_F(ServeRerankTest, WhatCannotBeAnsweredIsSaid) {
  Serve();
  const auto refused = [this](const json& body) { return Post("/v2/rerank", body); };
  const json one = json::array({"a"});
  EXPECT_THAT(refused({{"query", "a"}, {"documents", one}}), IsError(404, "no cross-encoder"));
  EXPECT_THAT(refused({{"query", "a"}, {"documents", one}, {"model", "tiny"}}),
              IsError(400, "expected a model of kind cross-encoder"));
  EXPECT_THAT(refused({{"documents", one}}), IsError(400, "query: is required"));
  EXPECT_THAT(refused({{"query", ""}, {"documents", one}}), IsError(400, "query"));
  EXPECT_THAT(refused({{"query", "a"}, {"documents", json::array()}}), IsError(400, "documents"));
  EXPECT_THAT(refused({{"query", "a"}, {"documents", "a"}}), IsError(400, "an array of texts"));
  EXPECT_THAT(refused({{"query", "a"}, {"documents", json::array({1})}}),
              IsError(400, "documents: expected a string"));
  EXPECT_THAT(refused({{"query", "a"}, {"documents", json::array({{{"text", "b"}}})}}),
              IsError(400, "documents: expected a string"))
      << "objects are of the first version";
  EXPECT_THAT(refused({{"query", "a"}, {"documents", one}, {"return_documents", true}}),
              IsError(400, "known: query, documents, model, top_n"));
  EXPECT_THAT(refused({{"query", "a"}, {"documents", one}, {"top_n", 0}}), IsError(400, "top_n"));
  EXPECT_THAT(refused({{"query", "a"}, {"documents", std::vector<std::string>(1001, "a")}}),
              IsError(400, "at most 1000 texts"));
  EXPECT_THAT(Post("/v1/rerank", {{"query", "a"}, {"documents", {{{"title", "b"}}}}}),
              IsError(400, "{\"text\": "));
  EXPECT_EQ(Ask(HttpText("POST", "/v1/rerank", "Content-Type: application/json\r\n", "{}")).status,
            401);
}

}  // namespace
}  // namespace coderank
