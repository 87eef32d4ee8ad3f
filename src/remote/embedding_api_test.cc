#include "remote/embedding_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/base64.h"

namespace coderank::remote {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RemoteModel Of(EmbeddingApi api) {
  return {.api = api, .url = "http://localhost:1/v1", .model = "m"};
}

std::string Base64Of(const std::vector<float>& numbers) {
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return ToBase64(bytes);
}

std::string ErrorOf(const RemoteModel& model, std::string_view body, size_t expected = 2,
                    size_t dimension = 2) {
  const auto reply = ParseReply(model, body, expected, dimension);
  return reply ? std::string() : reply.error().message();
}

// The bodies that the services' references show.
TEST(EmbeddingApiTest, RequestsAreAsPublished) {
  const std::vector<std::string> texts = {"a \"b\"", "\xff"};
  const auto body = [&](const RemoteModel& model, TextRole role) {
    return nlohmann::json::parse(RequestBody(model, role, texts));
  };
  const nlohmann::json list = {"a \"b\"", "\xEF\xBF\xBD"};
  EXPECT_EQ(body(Of(EmbeddingApi::kOpenAi), TextRole::kQuery),
            (nlohmann::json{{"model", "m"}, {"input", list}, {"encoding_format", "base64"}}));
  EXPECT_EQ(body(Of(EmbeddingApi::kVoyage), TextRole::kQuery),
            (nlohmann::json{
                {"model", "m"}, {"input", list}, {"input_type", "query"}, {"truncation", true}}));
  EXPECT_EQ(body(Of(EmbeddingApi::kVoyage), TextRole::kDocument)["input_type"], "document");
  EXPECT_EQ(body(Of(EmbeddingApi::kTei), TextRole::kDocument),
            (nlohmann::json{{"inputs", list}, {"truncate", true}}));
  RemoteModel shorter = Of(EmbeddingApi::kVoyage);
  shorter.dimensions = 256;
  EXPECT_EQ(body(shorter, TextRole::kQuery)["output_dimension"], 256);
  shorter.api = EmbeddingApi::kOpenAi;
  EXPECT_EQ(body(shorter, TextRole::kQuery)["dimensions"], 256);
  EXPECT_EQ(EndpointOf(Of(EmbeddingApi::kOpenAi)), "http://localhost:1/v1/embeddings");
  EXPECT_EQ(EndpointOf(Of(EmbeddingApi::kTei)), "http://localhost:1/v1/embed");
}

TEST(EmbeddingApiTest, RepliesComeInAnyOrderAndEitherForm) {
  const std::string body = R"({"data": [{"index": 1, "embedding": ")" + Base64Of({3, 4}) +
                           R"("}, {"index": 0, "embedding": [1, -2.5]}],
                              "usage": {"total_tokens": 12}})";
  const auto reply = ParseReply(Of(EmbeddingApi::kOpenAi), body, 2, 0);
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_THAT(reply->vectors[0], ElementsAre(1, -2.5F));
  EXPECT_THAT(reply->vectors[1], ElementsAre(3, 4));
  EXPECT_EQ(reply->tokens, 12U);
  const auto tei = ParseReply(Of(EmbeddingApi::kTei), "[[1, 2], [3, 4]]", 2, 2);
  ASSERT_TRUE(tei) << tei.error().message();
  EXPECT_THAT(tei->vectors[1], ElementsAre(3, 4));
}

TEST(EmbeddingApiTest, WhatIsNotAVectorOfEachTextIsRefused) {
  const RemoteModel openai = Of(EmbeddingApi::kOpenAi);
  const auto data = [](const std::string& items) { return R"({"data": [)" + items + "]}"; };
  const std::string good = R"({"index": 0, "embedding": [1, 2]})";
  const auto second = [&](const std::string& vector) {
    return data(good + R"(, {"index": 1, "embedding": )" + vector + "}");
  };
  EXPECT_EQ(ErrorOf(openai, second("[3, 4]")), "");
  EXPECT_THAT(ErrorOf(openai, "no JSON"), HasSubstr("expected JSON"));
  EXPECT_THAT(ErrorOf(openai, "[]"), HasSubstr("field \"data\""));
  EXPECT_THAT(ErrorOf(openai, data(good)), HasSubstr("expected 2 vectors, found 1"));
  EXPECT_THAT(ErrorOf(openai, data(good + "," + good)), HasSubstr("two vectors of text 0"));
  EXPECT_THAT(ErrorOf(openai, data(good + R"(, {"index": 2, "embedding": [1, 2]})")),
              HasSubstr("field \"index\""));
  EXPECT_THAT(ErrorOf(openai, data(good + R"(, {"index": -1, "embedding": [1, 2]})")),
              HasSubstr("field \"index\""));
  EXPECT_THAT(ErrorOf(openai, data(good + R"(, {"embedding": [1, 2]})")),
              HasSubstr("field \"index\""));
  EXPECT_THAT(ErrorOf(openai, second("[1, 2, 3]")), HasSubstr("expected 2 numbers, found 3"));
  EXPECT_THAT(ErrorOf(openai, second("[]")), HasSubstr("is empty"));
  EXPECT_THAT(ErrorOf(openai, second("[0, 0]")), HasSubstr("zeros"));
  EXPECT_THAT(ErrorOf(openai, second("[1, null]")), HasSubstr("expected numbers"));
  EXPECT_THAT(ErrorOf(openai, second("[1, NaN]")), HasSubstr("expected JSON"));
  EXPECT_THAT(ErrorOf(openai, second("[1, 1e39]")), HasSubstr("not finite"));
  EXPECT_THAT(ErrorOf(openai, second("\"####\"")), HasSubstr("expected numbers"));
  EXPECT_THAT(ErrorOf(openai, second("\"" + ToBase64("abc") + "\"")),
              HasSubstr("expected numbers"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(ErrorOf(openai, second("\"" + Base64Of({1, nan}) + "\"")), HasSubstr("not finite"));
  // The first reply of all tells the dimension; its vectors have one.
  EXPECT_THAT(ErrorOf(openai, second("[1, 2, 3]"), 2, 0), HasSubstr("expected 2 numbers, found 3"));
  const RemoteModel tei = Of(EmbeddingApi::kTei);
  EXPECT_THAT(ErrorOf(tei, "{}"), HasSubstr("a list of vectors"));
  EXPECT_THAT(ErrorOf(tei, "[[1, 2]]"), HasSubstr("expected 2 vectors, found 1"));
  EXPECT_THAT(ErrorOf(tei, "[[1, 2], 3]"), HasSubstr("text 1: expected numbers"));
}

TEST(EmbeddingApiTest, FailuresAreToldInOneLine) {
  EXPECT_EQ(ReasonOf(R"({"error": {"message": "no\nmore"}})"), "no more");
  EXPECT_EQ(ReasonOf(R"({"error": "batch size 64 > maximum allowed batch size 32"})"),
            "batch size 64 > maximum allowed batch size 32");
  EXPECT_EQ(ReasonOf(R"({"detail": "Provided API key is invalid."})"),
            "Provided API key is invalid.");
  EXPECT_EQ(ReasonOf("<html>"), "<html>");
  EXPECT_LT(ReasonOf(std::string(5000, 'x')).size(), 400U);
}

TEST(EmbeddingApiTest, KnowsWhatIsTooLong) {
  EXPECT_TRUE(SaysTooLong(400,
                          "This model's maximum context length is 8192 tokens, however you "
                          "requested 9000 tokens"));
  EXPECT_TRUE(SaysTooLong(413, ""));
  EXPECT_TRUE(SaysTooLong(422, "batch size 64 > maximum allowed batch size 32"));
  EXPECT_TRUE(SaysTooLong(400, "The max allowed tokens per submitted batch is 120000."));
  EXPECT_FALSE(SaysTooLong(400, "invalid model"));
  EXPECT_FALSE(SaysTooLong(429, "too many tokens per minute"));
}

}  // namespace
}  // namespace coderank::remote
