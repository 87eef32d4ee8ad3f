// The client against a server that follows a script. What the whole program makes of such servers
// is in tests/model_pull_test.cc.
#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/file.h"
#include "base/strings.h"
#include "support/http_server.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;
using testing::HttpServer;
using testing::ServedConnection;
using testing::ServedRequest;

constexpr uint64_t kLimit = 1 << 20;

HttpOptions Impatient() {
  HttpOptions options;
  options.first_pause = std::chrono::milliseconds(1);
  options.stall_timeout = std::chrono::seconds(1);
  return options;
}

Result<HttpResponse> Get(const std::string& url, HttpOptions options = Impatient(),
                         const std::string& token = "") {
  HttpClient client(std::move(options));
  return client.Send({.url = url, .bearer_token = token}, kLimit);
}

TEST(HttpClientTest, GivesStatusAndBody) {
  const HttpServer server([](const ServedRequest& request, ServedConnection& connection) {
    connection.Reply(request.target == "/a?b=1" ? 200 : 404, {}, request.target);
  });
  const auto found = Get(server.url() + "/a?b=1#c");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->status, 200);
  EXPECT_EQ(found->body, "/a?b=1");
  EXPECT_THAT(server.requests().front().Header("user-agent"), ::testing::StartsWith("coderank/"));
  EXPECT_EQ(Get(server.url() + "/none")->status, 404);
  EXPECT_EQ(server.requests().size(), 2U) << "404 is an answer, not a reason to ask again";
}

TEST(HttpClientTest, TakesNoMoreThanTheLimit) {
  const HttpServer server([](const ServedRequest& request, ServedConnection& connection) {
    const std::string piece(1 << 16, 'x');
    if (request.target == "/announced") {
      connection.Reply(200, {}, std::string(kLimit + 1, 'x'));
    } else if (request.target == "/headers") {
      connection.Send("HTTP/1.1 200 OK\r\n");
      for (int i = 0; i < 100 && connection.Send("X: " + std::string(8000, 'x') + "\r\n"); ++i) {
      }
    } else {  // no length: goes on until the client leaves
      connection.Send("HTTP/1.1 200 OK\r\n\r\n");
      while (connection.Send(piece)) {
      }
    }
  });
  for (const char* path : {"/announced", "/endless", "/headers"}) {
    const auto reply = Get(server.url() + path);
    ASSERT_FALSE(reply) << path;
    EXPECT_EQ(reply.error().code(), StatusCode::kResourceExhausted) << reply.error().message();
    EXPECT_THAT(reply.error().message(), HasSubstr("limit"));
  }
}

TEST(HttpClientTest, TriesAgainWhatMayPass) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest&, ServedConnection& connection) {
    switch (count++) {
      case 0:
        return connection.Reply(500, {}, "");
      case 1:
        return connection.Reply(429, {"Retry-After: 0"}, "");
      case 2:
        return connection.Reset();
      case 3:
        (void)connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        return;
      default:
        connection.Reply(200, {}, "done");
    }
  });
  const auto reply = Get(server.url());
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->body, "done");
  EXPECT_EQ(count, 5);
}

TEST(HttpClientTest, GivesUpAfterItsTries) {
  const HttpServer server([](const ServedRequest& request, ServedConnection& connection) {
    if (request.target == "/reset") return connection.Reset();
    connection.Reply(503, {}, "");
  });
  EXPECT_EQ(Get(server.url())->status, 503);
  EXPECT_EQ(server.requests().size(), 6U);
  const auto reset = Get(server.url() + "/reset");
  ASSERT_FALSE(reset);
  EXPECT_EQ(reset.error().code(), StatusCode::kUnavailable);
  EXPECT_THAT(reset.error().message(), HasSubstr("after 6 tries"));
}

TEST(HttpClientTest, WaitsAsLongAsAskedButNotLonger) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest&, ServedConnection& connection) {
    const int before = count++;
    if (before == 0) return connection.Reply(429, {"Retry-After: 1"}, "");
    connection.Reply(before == 1 ? 429 : 200, {"Retry-After: 3600"}, "");
  });
  std::vector<std::string> log;
  HttpOptions options = Impatient();
  options.log = [&](LogLevel, std::string_view text) { log.emplace_back(text); };
  EXPECT_EQ(Get(server.url(), options)->status, 429) << "an hour is too long";
  EXPECT_EQ(count, 2);
  ASSERT_EQ(log.size(), 1U);
  EXPECT_THAT(log.front(), HasSubstr("next try in 1.0 s"));
}

TEST(HttpClientTest, NobodyListens) {
  int port = 0;
  {
    port = HttpServer([](const ServedRequest&, ServedConnection&) {}).port();
  }
  const auto reply = Get(StrCat("http://127.0.0.1:", port));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), StatusCode::kUnavailable);
  EXPECT_THAT(reply.error().message(), HasSubstr("after 3 tries"));
}

TEST(HttpClientTest, SilentServerIsGivenUp) {
  const HttpServer server(
      [](const ServedRequest&, ServedConnection& connection) { connection.Hang(); });
  HttpOptions options = Impatient();
  options.max_attempts = 2;
  const auto reply = Get(server.url(), options);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(HttpClientTest, CancelledWhileTheServerIsSilent) {
  CancellationToken cancel;
  const HttpServer server([&](const ServedRequest&, ServedConnection& connection) {
    cancel.Cancel();
    connection.Hang();
  });
  HttpOptions options = Impatient();
  options.stall_timeout = std::chrono::seconds(3600);
  HttpClient client(options);
  const auto reply = client.Send({.url = server.url(), .bearer_token = ""}, kLimit, &cancel);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), StatusCode::kCancelled);
}

TEST(HttpClientTest, CancelledBetweenTries) {
  CancellationToken cancel;
  const HttpServer server([&](const ServedRequest&, ServedConnection& connection) {
    connection.Reply(503, {"Retry-After: 3000"}, "");
    cancel.Cancel();
  });
  HttpOptions options = Impatient();
  options.longest_pause = std::chrono::hours(1);
  HttpClient client(options);
  const auto reply = client.Send({.url = server.url(), .bearer_token = ""}, kLimit, &cancel);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), StatusCode::kCancelled);
}

TEST(HttpClientTest, TokenStaysWithTheFirstOrigin) {
  const HttpServer other([](const ServedRequest&, ServedConnection& connection) {
    connection.Reply(200, {}, "from elsewhere");
  });
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    if (request.target == "/first") return connection.Reply(307, {"Location: second"}, "");
    connection.Reply(302, {"Location: " + other.url() + "/x"}, "");
  });
  const auto reply = Get(server.url() + "/first", Impatient(), "hf_secret");
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->body, "from elsewhere");
  EXPECT_EQ(reply->url, other.url() + "/x");
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[0].Header("authorization"), "Bearer hf_secret");
  EXPECT_EQ(server.requests()[1].Header("authorization"), "Bearer hf_secret");
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_FALSE(other.requests()[0].Has("authorization"));
}

TEST(HttpClientTest, SendsMethodHeadersAndBody) {
  const HttpServer server([](const ServedRequest& request, ServedConnection& connection) {
    connection.Reply(200, {},
                     StrCat(request.method, " ", request.Header("api-key"), " ",
                            request.Header("content-type"), " ", request.body.size()));
  });
  HttpClient client(Impatient());
  HttpRequest request{.url = server.url(), .method = "PUT"};
  request.headers = {"Content-Type: application/json", "api-key: secret"};
  request.body = std::string(3 << 20, 'x');
  const auto put = client.Send(request, kLimit);
  ASSERT_TRUE(put) << put.error().message();
  EXPECT_EQ(put->body, StrCat("PUT secret application/json ", request.body.size()));
  request.method = "DELETE";
  request.body.clear();
  EXPECT_EQ(client.Send(request, kLimit)->body, "DELETE secret application/json 0");
}

TEST(HttpClientTest, ABodyIsNotCarriedElsewhere) {
  const HttpServer elsewhere(
      [](const ServedRequest&, ServedConnection& connection) { connection.Reply(200, {}, ""); });
  const HttpServer server([&](const ServedRequest&, ServedConnection& connection) {
    connection.Reply(307, {StrCat("Location: ", elsewhere.url("localhost"))}, "");
  });
  HttpClient client(Impatient());
  HttpRequest request{.url = server.url(), .method = "POST"};
  request.headers = {"api-key: secret"};
  request.body = "{}";
  const auto posted = client.Send(request, kLimit);
  ASSERT_FALSE(posted);
  EXPECT_THAT(posted.error().message(), HasSubstr("redirect"));
  EXPECT_TRUE(elsewhere.requests().empty());
  request.method = "GET";
  request.body.clear();
  ASSERT_TRUE(client.Send(request, kLimit));
  ASSERT_EQ(elsewhere.requests().size(), 1U);
  EXPECT_FALSE(elsewhere.requests().front().Has("api-key")) << "is of the first origin only";
}

TEST(HttpClientTest, WhatMayNotHappenTwiceIsSentOnce) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    if (request.target == "/reset") return connection.Reset();
    connection.Reply(count++ == 0 ? 429 : 500, {}, "");
  });
  HttpClient client(Impatient());
  HttpRequest request{.url = server.url(), .method = "POST", .repeatable = false};
  EXPECT_EQ(client.Send(request, kLimit)->status, 500);
  EXPECT_EQ(count, 2) << "429 says that nothing was done";
  request.url += "/reset";
  EXPECT_FALSE(client.Send(request, kLimit));
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST(HttpClientTest, RedirectsEnd) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    if (request.target == "/file")
      return connection.Reply(302, {"Location: file:///etc/hosts"}, "");
    if (request.target == "/page") {
      return connection.Reply(302, {"Location: /"}, std::string(kLimit, 'x'));
    }
    connection.Reply(301, {StrCat("Location: /", ++count)}, "");
  });
  const auto endless = Get(server.url());
  ASSERT_FALSE(endless);
  EXPECT_THAT(endless.error().message(), HasSubstr("more than 8 redirects"));
  EXPECT_EQ(count, 9);
  EXPECT_FALSE(Get(server.url() + "/file"));
  EXPECT_FALSE(Get(server.url() + "/page")) << "more than a redirect needs to say";
}

TEST(HttpClientTest, TokenThatCouldSmuggleAHeaderIsRefused) {
  const auto reply = Get("http://127.0.0.1:1/", Impatient(), "a\r\nX: y");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), StatusCode::kInvalidArgument);
}

// --- Downloads.

class DownloadTest : public ::testing::Test {
 protected:
  Result<HttpDownloadResult> Download(const HttpServer& server) const {
    HttpClient client(Impatient());
    return client.Download({.request = {.url = server.url(), .bearer_token = ""},
                            .target = target_,
                            .size = content_.size(),
                            .progress = {}});
  }
  std::string Downloaded() const {
    const auto content = ReadFile(target_, kLimit * 4);
    return content ? *content : content.error().message();
  }
  // 200, or 206 with the rest that the request asks for.
  void Serve(const ServedRequest& request, ServedConnection& connection) const {
    const std::string range = request.Header("range");
    if (range.empty()) return connection.Reply(200, {"ETag: \"v1\""}, content_);
    const size_t start = std::stoul(range.substr(6));
    connection.Reply(206,
                     {"ETag: \"v1\"", StrCat("Content-Range: bytes ", start, "-",
                                             content_.size() - 1, "/", content_.size())},
                     std::string_view(content_).substr(start));
  }
  // The head of the whole file and its first half.
  void ServeHalf(ServedConnection& connection, const std::string& etag = "\"v1\"") const {
    connection.Send(StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", content_.size(),
                           etag.empty() ? "" : "\r\nETag: " + etag, "\r\n\r\n"));
    connection.Send(std::string_view(content_).substr(0, content_.size() / 2));
  }

  static std::string MakeContent() {
    std::string content;
    for (int i = 0; content.size() < 400'000; ++i) content += StrCat(i, ",");
    return content;
  }

  testing::TempDir folder_;
  std::filesystem::path target_ = folder_.path() / "file";
  std::string content_ = MakeContent();
};

TEST_F(DownloadTest, ResumesWhereTheConnectionWasCut) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    if (count++ == 0) return ServeHalf(connection);
    Serve(request, connection);
  });
  const auto result = Download(server);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->status, 200);
  EXPECT_EQ(result->received, content_.size()) << "no byte came twice";
  EXPECT_EQ(Downloaded(), content_);
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[1].Header("range"), StrCat("bytes=", content_.size() / 2, "-"));
  EXPECT_EQ(server.requests()[1].Header("if-range"), "\"v1\"");
  EXPECT_FALSE(std::filesystem::exists(target_.native() + ".part"));
  EXPECT_FALSE(std::filesystem::exists(target_.native() + ".etag"));
}

TEST_F(DownloadTest, BeginsAnewWithoutAStrongEtag) {
  for (const std::string etag : {"", "W/\"v1\""}) {
    std::atomic<int> count = 0;
    const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
      if (count++ == 0) return ServeHalf(connection, etag);
      Serve(request, connection);
    });
    ASSERT_TRUE(Download(server));
    EXPECT_EQ(Downloaded(), content_);
    EXPECT_FALSE(server.requests()[1].Has("range"));
  }
}

TEST_F(DownloadTest, ServerThatIgnoresRangeSendsAllAgain) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest&, ServedConnection& connection) {
    if (count++ == 0) return ServeHalf(connection);
    connection.Reply(200, {}, content_);
  });
  ASSERT_TRUE(Download(server));
  EXPECT_EQ(Downloaded(), content_);
  EXPECT_TRUE(server.requests()[1].Has("range"));
}

TEST_F(DownloadTest, WrongRangesAreNotJoined) {
  const std::string half = std::to_string(content_.size() / 2);
  const std::string last = std::to_string(content_.size() - 1);
  const std::string all = std::to_string(content_.size());
  for (const std::string& range :
       {std::string("bytes 0-") + last + "/" + all, "bytes " + half + "-" + last + "/1",
        "bytes " + half + "-" + all + "/" + all, std::string("none"), std::string()}) {
    std::atomic<int> count = 0;
    const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
      const int before = count++;
      if (before == 0) return ServeHalf(connection);
      if (before > 1) return Serve(request, connection);
      connection.Reply(206, {"Content-Range: " + range},
                       std::string_view(content_).substr(content_.size() / 2));
    });
    const auto result = Download(server);
    ASSERT_TRUE(result) << range << ": " << result.error().message();
    EXPECT_EQ(Downloaded(), content_) << range;
    ASSERT_EQ(server.requests().size(), 3U) << range;
    EXPECT_FALSE(server.requests()[2].Has("range")) << range;
    std::filesystem::remove(target_);
  }
}

TEST_F(DownloadTest, RangeThatCannotBeSatisfiedBeginsAnew) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    const int before = count++;
    if (before == 0) return ServeHalf(connection);
    if (before == 1) return connection.Reply(416, {}, "");
    Serve(request, connection);
  });
  ASSERT_TRUE(Download(server));
  EXPECT_EQ(Downloaded(), content_);
}

TEST_F(DownloadTest, AnnouncedLengthMustBeTheExpectedOne) {
  const HttpServer server([](const ServedRequest&, ServedConnection& connection) {
    connection.Reply(200, {}, "<html>please log in</html>");
  });
  const auto result = Download(server);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(result.error().message(), HasSubstr("the server announces 26"));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(DownloadTest, EndlessBodyStopsAtTheExpectedSize) {
  const HttpServer server([](const ServedRequest&, ServedConnection& connection) {
    connection.Send("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\n\r\n");
    while (connection.Send(std::string(1 << 16, 'x'))) {
    }
  });
  const auto result = Download(server);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("the server sends more"));
  EXPECT_LE(std::filesystem::file_size(target_.native() + ".part"), content_.size());
}

TEST_F(DownloadTest, BodyWithoutLengthThatEndsEarlyIsTriedAgain) {
  std::atomic<int> count = 0;
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    if (count++ > 0) return Serve(request, connection);
    connection.Send("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\n\r\n" + content_.substr(0, 100));
  });
  ASSERT_TRUE(Download(server));
  EXPECT_EQ(Downloaded(), content_);
  EXPECT_EQ(server.requests()[1].Header("range"), "bytes=100-");
}

TEST_F(DownloadTest, ServerThatNeverSendsAllIsGivenUp) {
  const HttpServer liar([&](const ServedRequest& request, ServedConnection& connection) {
    if (!request.Has("range")) return ServeHalf(connection);
    connection.Reply(200, {}, content_.substr(1));
  });
  const auto lied = Download(liar);
  ASSERT_FALSE(lied);
  EXPECT_THAT(lied.error().message(), HasSubstr("the server announces"));
  const HttpServer cutter(
      [&](const ServedRequest&, ServedConnection& connection) { ServeHalf(connection); });
  const auto cut = Download(cutter);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(cutter.requests().size(), 6U);
  EXPECT_FALSE(std::filesystem::exists(target_));
}

TEST_F(DownloadTest, ErrorPagesDoNotEnterTheFile) {
  std::atomic<bool> fail = true;
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    if (fail) return connection.Reply(403, {}, "no");
    Serve(request, connection);
  });
  EXPECT_EQ(Download(server)->status, 403);
  EXPECT_FALSE(std::filesystem::exists(target_));
  fail = false;
  EXPECT_EQ(Download(server)->status, 200);
  EXPECT_EQ(Downloaded(), content_);
}

TEST_F(DownloadTest, PartIsNotWrittenThroughALink) {
  folder_.Write("victim", "precious");
  std::filesystem::create_symlink(folder_.path() / "victim", target_.native() + ".part");
  const HttpServer server([&](const ServedRequest& request, ServedConnection& connection) {
    Serve(request, connection);
  });
  EXPECT_FALSE(Download(server));
  EXPECT_EQ(*ReadFile(folder_.path() / "victim", 100), "precious");
}

}  // namespace
}  // namespace coderank
