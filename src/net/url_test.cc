#include "net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coderank {
namespace {

using ::testing::HasSubstr;

TEST(UrlTest, PartsAndDefaults) {
  const Url url = *ParseUrl("HTTPS://Example.org/a?b=c#d");
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "example.org");
  EXPECT_EQ(url.port, "443");
  EXPECT_THAT(url.text, HasSubstr("/a?b=c"));
  EXPECT_EQ(url.text.find('#'), std::string::npos);
  EXPECT_EQ(ParseUrl("http://[::1]:8080/")->port, "8080");
}

TEST(UrlTest, OnlyHttpWithoutSecrets) {
  for (const char* bad : {"", "example.org/a", "/a", "file:///etc/passwd", "ftp://example.org/",
                          "http://", "http://user@example.org/", "http://u:p@example.org/",
                          "http://example.org/\n", "http://exa mple.org/"}) {
    EXPECT_FALSE(ParseUrl(bad)) << bad;
  }
  const auto secret = ParseUrl("https://user:secret@example.org/");
  EXPECT_EQ(secret.error().message().find("secret"), std::string::npos) << "not in the message";
}

TEST(UrlTest, OriginIsSchemeHostAndPort) {
  const auto same = [](const char* a, const char* b) {
    return SameOrigin(*ParseUrl(a), *ParseUrl(b));
  };
  EXPECT_TRUE(same("https://a.org/x", "https://A.org:443/y"));
  EXPECT_FALSE(same("https://a.org/", "http://a.org/"));
  EXPECT_FALSE(same("https://a.org/", "https://b.a.org/"));
  EXPECT_FALSE(same("https://a.org/", "https://a.org:8443/"));
}

TEST(UrlTest, LoopbackIsNotAPrefix) {
  EXPECT_TRUE(IsLoopback(*ParseUrl("http://127.0.0.1:1/")));
  EXPECT_TRUE(IsLoopback(*ParseUrl("http://localhost/")));
  EXPECT_FALSE(IsLoopback(*ParseUrl("http://localhost.example.org/")));
  EXPECT_FALSE(IsLoopback(*ParseUrl("http://127.0.0.1.example.org/")));
}

TEST(UrlTest, RedirectsRelativeAndAbsolute) {
  const Url from = *ParseUrl("https://a.org/x/y?z");
  EXPECT_EQ(RedirectTarget(from, "/b")->text, "https://a.org/b");
  EXPECT_EQ(RedirectTarget(from, "b c")->text, "https://a.org/x/b%20c");
  EXPECT_EQ(RedirectTarget(from, "//b.org/c")->text, "https://b.org/c");
  EXPECT_EQ(RedirectTarget(from, "https://b.org/c")->host, "b.org");
  const Url plain = *ParseUrl("http://a.org/");
  EXPECT_EQ(RedirectTarget(plain, "https://a.org/")->scheme, "https");
  EXPECT_EQ(RedirectTarget(plain, "http://b.org/")->scheme, "http");
}

TEST(UrlTest, RedirectsNeverLeaveHttpsOrTheWeb) {
  const Url from = *ParseUrl("https://a.org/");
  const auto down = RedirectTarget(from, "http://a.org/");
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(down.error().message(), HasSubstr("from https to http"));
  for (const char* bad : {"file:///etc/passwd", "ftp://a.org/", "https://u:p@a.org/", "a\nb"}) {
    EXPECT_FALSE(RedirectTarget(from, bad)) << bad;
  }
}

TEST(UrlTest, PercentEncoding) {
  EXPECT_EQ(PercentEncode("refs/pr 1"), "refs%2Fpr%201");
  EXPECT_EQ(PercentEncode("a-b._~Z9"), "a-b._~Z9");
  EXPECT_EQ(PercentEncode("\xc3\xa9"), "%C3%A9");
}

}  // namespace
}  // namespace coderank
