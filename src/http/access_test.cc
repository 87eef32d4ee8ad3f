#include "http/access.h"

#include <gtest/gtest.h>

namespace coderank::http {
namespace {

const AccessRules kRules{.token = "secret", .host_names = {"search.example"}};

int StatusOf(Request request, bool open = false, const AccessRules& rules = kRules) {
  const auto refusal = CheckAccess(rules, open, request);
  return refusal ? refusal->status : 200;
}

Request From(const std::string& host, const std::string& token = "secret") {
  Request request{.headers = {{"host", host}}};
  if (!token.empty()) request.headers["authorization"] = "Bearer " + token;
  return request;
}

TEST(AccessTest, HostsThatCannotBeRebound) {
  for (const char* host : {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:7411", "[::1]:7411",
                           "[::1]", "10.1.2.3:80", "search.example", "Search.Example:443"}) {
    EXPECT_EQ(StatusOf(From(host)), 200) << host;
  }
  for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "localhost:80x", "localhost:", "[::1", "[::1]x", "127.1", "127.0.0.1 ",
                           "localhost/", "@localhost", "0x7f.1"}) {
    EXPECT_EQ(StatusOf(From(host)), 403) << host;
  }
}

TEST(AccessTest, OnlyItsOwnPages) {
  Request request = From("localhost:80");
  for (const char* origin : {"http://localhost:80", "https://LOCALHOST:80"}) {
    request.headers["origin"] = origin;
    EXPECT_EQ(StatusOf(request), 200) << origin;
  }
  for (const char* origin : {"null", "http://localhost", "http://localhost:81", "localhost:80",
                             "http://evil.example", "http://localhost:80.evil.example"}) {
    request.headers["origin"] = origin;
    EXPECT_EQ(StatusOf(request), 403) << origin;
  }
}

TEST(AccessTest, Token) {
  EXPECT_EQ(StatusOf(From("localhost", "")), 401);
  EXPECT_EQ(StatusOf(From("localhost", "secre")), 401);
  EXPECT_EQ(StatusOf(From("localhost", "secret2")), 401);
  EXPECT_EQ(StatusOf(From("localhost", ""), /*open=*/true), 200);
  EXPECT_EQ(StatusOf(From("evil.example", ""), /*open=*/true), 403) << "but not to strangers";
  EXPECT_EQ(StatusOf(From("localhost", ""), false, {.token = "", .host_names = {}}), 200);
  Request local = From("", "");
  local.from_socket = true;
  EXPECT_EQ(StatusOf(local), 200) << "the system says whose it is";
}

TEST(AccessTest, TokenOfTheUrlIsTakenOut) {
  Request request = From("localhost", "");
  request.query = {{"token", "wrong"}, {"q", "a"}, {"token", "secret"}};
  EXPECT_FALSE(CheckAccess(kRules, false, request));
  ASSERT_EQ(request.query.size(), 1);
  EXPECT_EQ(request.query[0].first, "q");
}

TEST(AccessTest, EqualTexts) {
  EXPECT_TRUE(EqualInConstantTime("", ""));
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abcd"));
}

}  // namespace
}  // namespace coderank::http
