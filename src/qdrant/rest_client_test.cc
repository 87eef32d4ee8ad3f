#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "base/strings.h"
#include "qdrant/client.h"
#include "qdrant/point_cursor.h"
#include "support/http_server.h"

namespace coderank::qdrant {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::HttpServer;
using ::testing::Not;
using testing::ServedConnection;
using testing::ServedRequest;

Result<Client> Open(const std::string& url, const std::string& key = "") {
  Options options;
  options.url = url;
  options.api_key = key;
  options.http.first_pause = std::chrono::milliseconds(1);
  return Client::Open(std::move(options));
}

TEST(RestClientTest, ErrorsNameThePathAndTheReasonAndNeverTheKey) {
  const HttpServer server([](const ServedRequest&, ServedConnection& connection) {
    connection.Reply(400, {}, R"({"status":{"error":"Wrong input: expected dim: 4"},"time":0})");
  });
  auto client = *Open(server.url() + "/", "hidden-key");
  const Point point{.id = PointId(1), .vector = {1}};
  const Status status = client.Upsert("a b", {&point, 1});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), AllOf(HasSubstr(StrCat("PUT ", server.url(), "/collections/a%20b")),
                                      HasSubstr("expected dim: 4"), Not(HasSubstr("hidden-key"))));
  EXPECT_EQ(server.requests().at(0).Header("api-key"), "hidden-key");
}

TEST(RestClientTest, EachKindOfFailureHasItsCode) {
  std::atomic<int> status = 0;
  const HttpServer server([&](const ServedRequest&, ServedConnection& connection) {
    connection.Reply(status, {}, "<html>from a proxy</html>");
  });
  auto client = *Open(server.url());
  const std::pair<int, StatusCode> kinds[] = {
      {401, StatusCode::kPermissionDenied},  {403, StatusCode::kPermissionDenied},
      {404, StatusCode::kNotFound},          {409, StatusCode::kFailedPrecondition},
      {413, StatusCode::kResourceExhausted}, {422, StatusCode::kInvalidArgument},
      {503, StatusCode::kUnavailable}};
  for (const auto& [code, expected] : kinds) {
    status = code;
    const auto names = client.ListCollections();
    ASSERT_FALSE(names) << code;
    EXPECT_EQ(names.error().code(), expected) << code;
    EXPECT_THAT(names.error().message(), HasSubstr("from a proxy"));
  }
}

TEST(RestClientTest, AKeyIsNotSentReadable) {
  const auto refused = Open("http://qdrant.example:6333", "key");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(Open("https://qdrant.example:6333", "key"));
  EXPECT_TRUE(Open("http://qdrant.example:6333"));
  EXPECT_TRUE(Open("http://localhost:6333", "key"));
  EXPECT_FALSE(Open("http://localhost:6333", "key\r\nX: y"));
  EXPECT_FALSE(Open("localhost:6333"));
}

TEST(RestClientTest, AnswersOfOtherServersAreRefused) {
  const HttpServer server([](const ServedRequest& request, ServedConnection& connection) {
    const bool list = request.target == "/collections";
    connection.Reply(200, {}, list ? R"({"collections":[]})" : "<html></html>");
  });
  auto client = *Open(server.url());
  EXPECT_THAT(client.ListCollections().error().message(), HasSubstr("\"result\""));
  EXPECT_THAT(client.Count("a").error().message(), HasSubstr("6333"));
}

// A server that gives the same page for ever would be asked for ever.
TEST(RestClientTest, PagesHaveToGoForward) {
  const HttpServer server([](const ServedRequest&, ServedConnection& connection) {
    connection.Reply(200, {},
                     R"({"result":{"points":[{"id":1},{"id":2}],"next_page_offset":1},"time":0})");
  });
  auto client = *Open(server.url());
  PointCursor cursor(client, "a");
  const auto point = cursor.Current();
  ASSERT_FALSE(point);
  EXPECT_EQ(point.error().code(), StatusCode::kCorrupt);
}

// As a proxy answers, and as Qdrant does.
class TooLargeTest : public ::testing::TestWithParam<std::pair<int, const char*>> {};

INSTANTIATE_TEST_SUITE_P(
    Answers, TooLargeTest,
    ::testing::Values(std::pair(413, "too large"),
                      std::pair(400,
                                R"({"status":{"error":"Payload error: JSON payload (33554466 )"
                                R"(bytes) is larger than allowed (limit: 33554432 bytes)."}})")));

TEST_P(TooLargeTest, TheBatchIsHalved) {
  std::atomic<int> stored = 0;
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    const auto points = Json::parse(request.body)["points"];
    if (points.size() > 2) return connection.Reply(GetParam().first, {}, GetParam().second);
    stored += static_cast<int>(points.size());
    connection.Reply(200, {}, R"({"result":{},"time":0})");
  });
  auto client = *Open(server.url());
  std::vector<Point> points(7);
  for (size_t i = 0; i < points.size(); ++i) {
    points[i] = {.id = PointId(i), .vector = {1, 2}};
  }
  const Status status = client.Upsert("a", points);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(stored, 7);
}

}  // namespace
}  // namespace coderank::qdrant
