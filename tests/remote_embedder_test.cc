// RemoteEmbedder against a service that misbehaves.
#include "remote/remote_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>
#include <set>

#include "base/base64.h"
#include "support/fake_embedder.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::FakeEmbedder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ServedConnection;
using testing::ServedRequest;

constexpr const char* kKey = "sk-0123456789secret";

class RemoteEmbedderTest : public ::testing::Test {
 protected:
  RemoteEmbedderTest() {
    service_.Change([](auto& settings) { settings.key = kKey; });
    options_ = {.name = "far",
                .model = {.url = service_.url() + "/v1", .model = "m"},
                .access = {.key_variable = "FAR_API_KEY",
                           .texts_per_request = 4,
                           .requests_at_once = 3,
                           .canary = {}},
                .key = kKey,
                .query_prompt = "query: ",
                .document_prompt = "",
                .max_length = 8192,
                .fingerprint = "f"};
    options_.log = [this](LogLevel, std::string_view text) {
      const std::lock_guard lock(mutex_);
      log_ += std::string(text) + "\n";
    };
    const auto probe = ProbeRemoteModel(options_, nullptr);
    EXPECT_TRUE(probe) << probe.error().message();
    if (!probe) return;
    options_.dimension = probe->dimension;
    options_.access.canary = probe->canary;
  }

  std::unique_ptr<RemoteEmbedder> Make() const {
    auto made = RemoteEmbedder::Make(options_);
    EXPECT_TRUE(made) << made.error().message();
    return made ? *std::move(made) : nullptr;
  }
  Result<std::vector<Embedding>> Embed(const std::vector<std::string>& texts) const {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    return Make()->EmbedDocuments(views);
  }
  std::string ErrorOf(const std::vector<std::string>& texts) const {
    const auto made = Embed(texts);
    return made ? std::string() : made.error().message();
  }
  // Fails the next request for vectors with this answer.
  void Next(int status, const std::string& body, const std::vector<std::string>& headers = {}) {
    service_.Next([=](const ServedRequest&, ServedConnection& connection) {
      connection.Reply(status, headers, body);
    });
  }
  // The service's vector of `text`, of unit length.
  std::vector<float> Expected(const std::string& text) const {
    auto vector = FakeEmbedder::VectorOf(text, {});
    double squares = 0;
    for (const float number : vector) squares += double{number} * double{number};
    for (float& number : vector) number = static_cast<float>(number / std::sqrt(squares));
    return vector;
  }

  FakeEmbedder service_;
  RemoteEmbedderOptions options_;
  std::mutex mutex_;
  std::string log_;
};

TEST_F(RemoteEmbedderTest, GivesTheServicesVectorsInOrder) {
  service_.Change([](auto& settings) { settings.reversed = true; });
  std::vector<std::string> texts;
  for (int i = 0; i < 23; ++i) texts.push_back("text number " + std::to_string(i * i));
  const auto made = Embed(texts);
  ASSERT_TRUE(made) << made.error().message();
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ((*made)[i].vector, Expected(texts[i])) << i;
  service_.Change([](auto& settings) { settings.base64 = false; });
  const auto as_numbers = Embed(texts);
  ASSERT_TRUE(as_numbers);
  EXPECT_EQ((*as_numbers)[7].vector, (*made)[7].vector) << "numbers as decimals read back the same";
  for (const json& body : service_.Bodies()) EXPECT_LE(body["input"].size(), 4U);
}

TEST_F(RemoteEmbedderTest, QueriesHaveTheirPrompt) {
  const auto made = Make()->EmbedQuery("where");
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->vector, Expected("query: where"));
  EXPECT_GT(made->tokens, 0U);
}

TEST_F(RemoteEmbedderTest, PassingFailuresAreOvercome) {
  Next(429, R"({"error": {"message": "Rate limit reached"}})", {"Retry-After: 0"});
  Next(503, "overloaded");
  service_.Next([](const ServedRequest&, ServedConnection& connection) { connection.Reset(); });
  const auto made = Embed({"a", "b"});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ((*made)[1].vector, Expected("b"));
  EXPECT_THAT(log_, HasSubstr("next try"));
}

TEST_F(RemoteEmbedderTest, WaitsAsTheServiceSays) {
  service_.Change([](auto& settings) {
    settings.headers = {"X-RateLimit-Remaining-Requests: 0", "X-RateLimit-Reset-Requests: 20ms"};
  });
  EXPECT_EQ(ErrorOf({"a", "b", "c", "d", "e", "f"}), "");
  EXPECT_THAT(log_, HasSubstr("its limit is reached"));
}

TEST_F(RemoteEmbedderTest, WhatIsTooLongIsDividedOrCut) {
  service_.Change([](auto& settings) {
    settings.most_texts = 2;
    settings.most_bytes = 300;
  });
  const std::string longest = std::string(500, 'x') + " \xE2\x82\xAC";
  const auto made = Embed({"a", "b", longest, "c"});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ((*made)[0].vector, Expected("a"));
  EXPECT_EQ((*made)[3].vector, Expected("c"));
  EXPECT_FALSE((*made)[3].truncated);
  EXPECT_TRUE((*made)[2].truncated);
  EXPECT_EQ((*made)[2].vector, Expected(std::string(282, 'x')));
}

TEST_F(RemoteEmbedderTest, NeitherEmptyNorTornTextsAreSent) {
  const std::string euros = [] {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "\xE2\x82\xAC";
    return text;
  }();
  service_.Change([](auto& settings) { settings.most_bytes = 500; });
  ASSERT_TRUE(Embed({"", " \n", euros}));
  for (const std::string& text : service_.Texts()) {
    EXPECT_FALSE(text.empty());
    EXPECT_THAT(text, Not(HasSubstr("\xEF\xBF\xBD"))) << "half a character was replaced";
  }
}

TEST_F(RemoteEmbedderTest, BadAnswersAreRefused) {
  const auto answer = [](const std::string& vector) {
    return R"({"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": )" + vector +
           "}]}";
  };
  Next(200, answer("[1]"));
  EXPECT_THAT(ErrorOf({"a"}), HasSubstr("expected 16 numbers, found 1"));
  Next(200, "<html>");
  EXPECT_THAT(ErrorOf({"a"}), HasSubstr("expected JSON"));
  Next(200, R"({"data": []})");
  EXPECT_THAT(ErrorOf({"a"}), HasSubstr("expected 2 vectors, found 0"));
  std::string nan(16 * sizeof(float), '\xff');
  Next(200, R"({"data": [{"index": 0, "embedding": ")" + ToBase64(nan) +
                R"("}, {"index": 1, "embedding": ")" + ToBase64(nan) + R"("}]})");
  EXPECT_THAT(ErrorOf({"a"}), HasSubstr("not finite"));
  Next(200, std::string(16 << 20, ' '));
  EXPECT_THAT(ErrorOf({"a"}), HasSubstr("larger than the limit"));
}

TEST_F(RemoteEmbedderTest, AnotherModelBehindTheNameIsNoticed) {
  const auto embedder = Make();
  ASSERT_TRUE(embedder->EmbedQuery("a"));
  service_.Change([](auto& settings) { settings.seed = 2; });
  const auto later = Embed({"a"});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(later.error().message(), HasSubstr("the service has another model now"));
  EXPECT_FALSE(Make()->EmbedQuery("a")) << "queries are looked at by themselves";
}

TEST_F(RemoteEmbedderTest, TheKeyIsNeverTold) {
  options_.key = "sk-wrong-one";
  const std::string refused = ErrorOf({"a"});
  EXPECT_THAT(refused, HasSubstr("401"));
  EXPECT_THAT(refused, HasSubstr("FAR_API_KEY"));
  EXPECT_THAT(refused, HasSubstr("[key]")) << "the service repeated it";
  EXPECT_THAT(refused + log_, Not(HasSubstr("sk-wrong-one")));
  options_.key = "";
  const auto made = RemoteEmbedder::Make(options_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message(), HasSubstr("FAR_API_KEY"));
  options_.key = "two words";
  EXPECT_THAT(RemoteEmbedder::Make(options_).error().message(), Not(HasSubstr("two words")));
  options_.key = kKey;
  options_.model.url = "http://far.example/v1";
  EXPECT_EQ(RemoteEmbedder::Make(options_).error().code(), StatusCode::kPermissionDenied)
      << "readable on its way";
}

TEST_F(RemoteEmbedderTest, IsCancelled) {
  CancellationToken cancel;
  service_.Next([&cancel](const ServedRequest&, ServedConnection& connection) {
    cancel.Cancel();
    connection.Hang();
  });
  const std::string_view text = "a";
  const auto made = Make()->EmbedDocuments({&text, 1}, &cancel);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace coderank
