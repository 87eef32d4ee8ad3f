// `serve` as programs see it: every route, what is refused, and the process around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/serve_testing.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using testing::HttpConnection;
using testing::HttpReply;
using testing::HttpText;
using testing::IsError;
using ::testing::Not;
using testing::ServeTest;

// What an answer says, without what depends on when it is asked: the times, and whether this search
// or an earlier one brought the index up to date.
json WithoutTimes(json answer) {
  answer.erase("timings_ms");
  if (answer.contains("freshness")) answer["freshness"].erase("refreshed");
  return answer;
}

TEST_F(ServeTest, SearchesByBodyAndByUrlAsTheProgramDoes) {
  Serve();
  const HttpReply posted = Post("/search", {{"query", "read bytes"}, {"limit", 2}});
  ASSERT_EQ(posted.status, 200) << posted.body;
  EXPECT_EQ(posted.Header("content-type"), "application/json");
  ASSERT_FALSE(posted.Json()["results"].empty());
  EXPECT_EQ(posted.Json()["results"][0]["path"], "reader.cc");
  // The server is ready once the index is begun, and goes on with it behind the first answers.
  json by_body, by_url, printed;
  const auto all_agree = [&] {
    by_body = WithoutTimes(Post("/search", {{"query", "read bytes"}, {"limit", 2}}).Json());
    by_url = WithoutTimes(Get("/search?q=read+bytes&limit=2").Json());
    printed = WithoutTimes(
        coderank_.RunJson({"search", "read bytes", "-k", "2", "--json", "--no-server"}));
    return by_body == by_url && by_body == printed;
  };
  EXPECT_TRUE(Eventually(all_agree)) << by_body << "\n" << by_url << "\n" << printed;
}

TEST_F(ServeTest, FiltersApplyInBothForms) {
  Serve();
  EXPECT_EQ(Get("/search?q=bytes&lang=python&lang=go").Json()["results"][0]["path"],
            "sub/writer.py");
  EXPECT_EQ(Get("/search?q=bytes&directory=sub").Json()["results"][0]["path"], "writer.py");
  EXPECT_EQ(Get("/search?q=bytes&directory=tree/sub").Json()["results"][0]["path"], "writer.py");
  const json explained =
      Post("/search", {{"query", "bytes"}, {"exclude", {"*.cc"}}, {"explain", true}}).Json();
  EXPECT_EQ(explained["results"].size(), 1);
  EXPECT_FALSE(explained["results"][0]["terms"].empty());
}

TEST_F(ServeTest, HealthStatusAndDescription) {
  Serve();
  EXPECT_EQ(Ask(HttpText("GET", "/health")).Json()["status"], "ok") << "needs no token";
  EXPECT_EQ(Get("/status").Json()["coverage"]["files"], 2);
  EXPECT_EQ(Get("/status?why=reader.cc").Json()["why"]["indexed"], true);
  const json description = Get("/openapi.json").Json();
  EXPECT_EQ(description["openapi"], "3.1.0");
  for (const char* path : {"/health", "/search", "/related", "/status", "/v1/embeddings",
                           "/metrics", "/openapi.json"}) {
    EXPECT_TRUE(description["paths"].contains(path)) << path;
  }
  const json body =
      description["paths"]["/search"]["post"]["requestBody"]["content"]["application/json"];
  EXPECT_EQ(body["schema"]["required"], json({"query"}));
  EXPECT_FALSE(body["schema"]["properties"].contains("models")) << "places are the server's own";
}

TEST_F(ServeTest, FindsCodeLikeThatAtAPlace) {
  Serve();
  const HttpReply reply = Post("/related", {{"place", "reader.cc:2"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.Json()["place"], "reader.cc:2");
  EXPECT_EQ(reply.Json()["results"][0]["path"], "sub/writer.py");
  EXPECT_THAT(Post("/related", {{"place", "reader.cc"}}), IsError(400, "place"));
}

TEST_F(ServeTest, MetricsCount) {
  Serve();
  Get("/search?q=bytes");
  Get("/nowhere");
  EXPECT_EQ(Metric("coderank_http_requests_total{route=\"/search\",status=\"200\"}"), 1);
  EXPECT_EQ(Metric("coderank_http_requests_total{route=\"none\",status=\"404\"}"), 1);
  EXPECT_EQ(Metric("coderank_http_request_seconds_count{route=\"/search\"}"), 1);
  EXPECT_EQ(Metric("coderank_ready"), 1);
}

TEST_F(ServeTest, EmbeddingsAreThoseOfTheProgram) {
  Serve();
  const json expected =
      json::parse(coderank_.Run({"embed", "some code"}).out, nullptr, false)["vector"];
  const json answer =
      Post("/v1/embeddings", {{"input", {"some code", "more"}}, {"model", "tiny"}}).Json();
  ASSERT_EQ(answer["data"].size(), 2);
  EXPECT_EQ(answer["model"], "tiny");
  EXPECT_EQ(answer["data"][1]["index"], 1);
  EXPECT_GT(answer["usage"]["prompt_tokens"], 4);
  const std::vector<float> vector = answer["data"][0]["embedding"];
  EXPECT_EQ(vector, expected.get<std::vector<float>>());
  const json packed =
      Post("/v1/embeddings", {{"input", "some code"}, {"encoding_format", "base64"}}).Json();
  // 32 floats are 128 bytes: 43 groups of four characters, the last with one '='.
  const std::string text = packed["data"][0]["embedding"];
  EXPECT_EQ(text.size(), 172);
  EXPECT_TRUE(text.ends_with("="));
}

TEST_F(ServeTest, EmbeddingsRefuseWhatTheyCannotAnswer) {
  Serve();
  const auto refused = [this](const json& body) { return Post("/v1/embeddings", body); };
  EXPECT_THAT(refused({{"input", json::array({1, 2})}}), IsError(400, "token ids are not taken"));
  EXPECT_THAT(refused({{"input", json::array({json::array({1})})}}),
              IsError(400, "token ids are not taken"));
  EXPECT_THAT(refused({{"input", ""}}), IsError(400, "empty"));
  EXPECT_THAT(refused({{"input", json::array()}}), IsError(400, "expected 1 to 2048 texts"));
  EXPECT_THAT(refused({{"model", "tiny"}}), IsError(400, "input: is required"));
  EXPECT_THAT(refused({{"input", "a"}, {"model", "other"}}), IsError(404, "other"));
  EXPECT_THAT(refused({{"input", "a"}, {"dimensions", 7}}), IsError(400, "expected 32"));
  EXPECT_THAT(refused({{"input", "a"}, {"input_type", "passage"}}), IsError(400, "input_type"));
  EXPECT_THAT(refused({{"input", "a"}, {"inputs", "a"}}), IsError(400, "known: input, model"));
}

TEST_F(ServeTest, BadArgumentsAreNamed) {
  Serve();
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"k", 3}}), IsError(400, "known: query, "));
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"models", "/tmp"}}), IsError(400, "unknown"))
      << "what only the command line has";
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"limit", "5"}}), IsError(400, "limit: expected"));
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"limit", 100000}}), IsError(400, "1 to 1000"));
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"max_tokens", -1}}),
              IsError(400, "max_tokens: expected"));
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"max-tokens", 9}}),
              IsError(400, "max-tokens: unknown argument of search; did you mean max_tokens?"));
  EXPECT_THAT(Get("/search?q=a&max-tokens=9"), IsError(400, "did you mean max_tokens?"));
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"lang", "pyhton"}}),
              IsError(400, "did you mean python?"));
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"path", "["}}), IsError(400, "path: "));
  EXPECT_THAT(Post("/search", json::object()), IsError(400, "query: is required"));
  EXPECT_THAT(Post("/search", {{"query", "  "}}), IsError(400, "query"));
  EXPECT_THAT(Post("/search", json::array()), IsError(400, "expected a JSON object"));
  EXPECT_THAT(PostText("/search", "{\"query\":"), IsError(400, "valid JSON"));
  EXPECT_THAT(PostText("/search", "{\"query\":\"\xff\"}"), IsError(400, "valid JSON"));
  EXPECT_THAT(PostText("/search", std::string(100'000, '[')), IsError(400, "nesting"));
  EXPECT_THAT(Get("/search?q=a&q=b"), IsError(400, "expected once"));
  EXPECT_THAT(Get("/search?q=%4"), IsError(400, "hexadecimal"));
  EXPECT_THAT(Get("/search?q=a%00b"), IsError(400, "NUL"));
  EXPECT_THAT(Ask(HttpText("POST", "/search", Authorization(), "{\"query\":\"a\"}")),
              IsError(400, "Content-Type"));
}

TEST_F(ServeTest, MethodsAndPaths) {
  Serve();
  const HttpReply wrong = Ask(HttpText("DELETE", "/search", Authorization()));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Header("allow"), "POST, GET, HEAD");
  EXPECT_EQ(Ask(HttpText("GET", "/v1/embeddings", Authorization())).Header("allow"), "POST");
  EXPECT_THAT(Get("/nowhere"), IsError(404, "/nowhere"));
  EXPECT_THAT(Get("/search/../search?q=a"), IsError(404, "no such route"));
  HttpConnection connection(port_);
  connection.Send(HttpText("HEAD", "/search?q=bytes", Authorization()));
  const HttpReply head = connection.Read(/*head=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_GT(std::stoul(head.Header("content-length")), 100);
  connection.Send(HttpText("GET", "/health"));
  EXPECT_EQ(connection.Read().Json()["status"], "ok") << "no body came before";
}

TEST_F(ServeTest, TokenIsAskedFor) {
  Serve();
  ASSERT_EQ(token_.size(), 64);
  EXPECT_THAT(Ask(HttpText("GET", "/search?q=a")), IsError(401, "Authorization"));
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a")).Header("www-authenticate"),
            "Bearer realm=\"coderank\"");
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a", "Authorization: Bearer x\r\n")).status, 401);
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a", "Authorization: Basic " + token_ + "\r\n")).status,
            401);
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a&token=" + token_.substr(1))).status, 401);
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a&token=" + token_)).status, 200);
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a", "authorization: bearer " + token_ + "\r\n")).status,
            200);
  EXPECT_THAT(Ask(HttpText("GET", "/nowhere")), IsError(401, "")) << "routes are not told apart";
  struct stat info {};
  const auto file = coderank_.world() / "home/.local/state/coderank/server-token";
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST_F(ServeTest, TokenStaysAndCanBeWaived) {
  Serve();
  const std::string before = token_;
  EXPECT_EQ(StopServer(), 0);
  Serve();
  EXPECT_EQ(token_, before) << "settings of other programs hold it";
  EXPECT_EQ(StopServer(), 0);
  Serve({".", "--no-token"});
  EXPECT_EQ(token_, "");
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=bytes")).status, 200);
}

TEST_F(ServeTest, PagesOfStrangersAreRefused) {
  Serve({".", "--no-token"});
  const auto with = [this](const std::string& host, const std::string& more) {
    return Ask("GET /search?q=bytes HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n");
  };
  EXPECT_THAT(with("evil.example", ""), IsError(403, "Host")) << "DNS rebinding";
  EXPECT_THAT(with("127.0.0.1.evil.example:80", ""), IsError(403, "Host"));
  EXPECT_THAT(with("", ""), IsError(403, "Host"));
  EXPECT_EQ(Ask("GET /health HTTP/1.1\r\n\r\n").status, 403);
  EXPECT_THAT(with("localhost", "Origin: http://evil.example\r\n"), IsError(403, "Origin"));
  EXPECT_THAT(with("localhost", "Origin: null\r\n"), IsError(403, "Origin"));
  EXPECT_EQ(with("localhost:80", "").status, 200);
  EXPECT_EQ(with("[::1]", "").status, 200);
  EXPECT_EQ(with("localhost:80", "Origin: http://localhost:80\r\n").status, 200);
  EXPECT_EQ(Ask("GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n").status,
            400);
}

TEST_F(ServeTest, OnlyTheFoldersServedAreSeen) {
  const fs::path secret = coderank_.world() / "secret";
  fs::create_directories(secret);
  fs::create_symlink(secret, coderank_.tree() / "link");
  Serve();
  const std::string world = coderank_.world().native();
  for (const std::string directory :
       {"..", "../secret", "tree/../../secret", "link", "/", "/etc", "sub/../../secret"}) {
    const HttpReply reply = Post("/search", {{"query", "a"}, {"directory", directory}});
    EXPECT_THAT(reply, IsError(403, "outside of the folders that are served: tree")) << directory;
    EXPECT_THAT(reply.body, Not(HasSubstr(world))) << "no path of the host";
  }
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"directory", secret.native()}}),
              IsError(403, "outside"));
  EXPECT_EQ(Post("/search", {{"query", "a"}, {"directory", coderank_.tree().native()}}).status,
            200);
  EXPECT_THAT(Post("/search", {{"query", "a"}, {"directory", "none"}}), IsError(404, "none"));
  EXPECT_THAT(Post("/related", {{"place", "../secret/a:1"}}), IsError(403, "outside"));
  EXPECT_EQ(Get("/status?why=../secret").status, 400);
}

TEST_F(ServeTest, SeveralFoldersHaveNames) {
  Serve({".", "sub", "sub/../sub"});
  EXPECT_EQ(Get("/search?q=write_bytes").Json()["results"][0]["path"], "sub/writer.py")
      << "all of them, the nearest one named";
  EXPECT_THAT(Get("/search?q=bytes&directory=none"), IsError(404, "tree, sub, sub-2"));
  constexpr const char* kRequired =
      "directory: required, as several folders are served: tree, sub, sub-2";
  EXPECT_THAT(Get("/status"), IsError(400, kRequired));
  EXPECT_THAT(Post("/related", {{"place", "sub/writer.py:1"}}), IsError(400, kRequired));
  for (const char* directory : {"sub", "tree/sub"}) {
    const HttpReply reply = Get(std::string("/search?q=bytes&directory=") + directory);
    EXPECT_EQ(reply.Json()["results"][0]["path"], "writer.py") << reply.body;
  }
}

// While one of several searches takes a young file in once more, the others say that it has
// changed.
json WithoutTimesAndFreshness(json answer) {
  answer.erase("freshness");
  answer["coverage"].erase("complete");  // false while the look at its trees is under way
  answer.erase("trees");
  return WithoutTimes(std::move(answer));
}

TEST_F(ServeTest, ManyAtOnceGetTheSameAnswer) {
  Serve();
  const json expected = WithoutTimesAndFreshness(Get("/search?q=read+bytes").Json());
  std::atomic<int> right{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      HttpConnection connection(port_);
      for (int round = 0; round < 10; ++round) {
        connection.Send(HttpText("GET", "/search?q=read+bytes", Authorization()));
        const HttpReply reply = connection.Read();
        const bool same = WithoutTimesAndFreshness(reply.Json()) == expected;
        EXPECT_TRUE(same) << reply.status << " " << reply.body;
        if (same) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 160);
}

TEST_F(ServeTest, UnixSocketNeedsNoToken) {
  const fs::path socket = coderank_.world() / "http.sock";
  Serve({".", "--socket", socket.native()});
  EXPECT_EQ(server_->Next(), "unix:" + socket.native());
  struct stat info {};
  ASSERT_EQ(::stat(socket.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
  HttpConnection connection(socket);
  connection.Send("GET /search?q=bytes HTTP/1.1\r\nHost: whatever\r\n\r\n");
  EXPECT_EQ(connection.Read().status, 200);
  EXPECT_EQ(StopServer(SIGKILL), 128 + SIGKILL);
  EXPECT_TRUE(fs::exists(socket)) << "left behind";
  Serve({".", "--socket", socket.native()});
  EXPECT_EQ(StopServer(), 0);
  EXPECT_FALSE(fs::exists(socket));
}

TEST_F(ServeTest, StopsInOrder) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Serve();
    HttpConnection idle(port_);
    EXPECT_EQ(StopServer(signal), 0);
    EXPECT_TRUE(idle.IsClosed());
  }
}

TEST_F(ServeTest, DangerousAddressesAreRefused) {
  const auto refused = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "serve");
    const testing::ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_THAT(refused({"--listen", "0.0.0.0:0"}), HasSubstr("--tls-cert"));
  EXPECT_THAT(refused({"--listen", "0.0.0.0:0", "--insecure", "--no-token"}),
              HasSubstr("no-token: expected a loopback address"));
  EXPECT_THAT(refused({"--listen", "127.0.0.1"}), HasSubstr("HOST:PORT"));
  EXPECT_THAT(refused({"--listen", "127.0.0.1:70000"}), HasSubstr("HOST:PORT"));
  EXPECT_THAT(refused({"--tls-cert", "a"}), HasSubstr("--tls-key"));
  EXPECT_THAT(refused({"--listen", "127.0.0.1:0", "--tls-cert", "none", "--tls-key", "none"}),
              HasSubstr("PEM"));
  EXPECT_THAT(refused({"no-such-folder"}), HasSubstr("no-such-folder"));
}

}  // namespace
}  // namespace coderank
