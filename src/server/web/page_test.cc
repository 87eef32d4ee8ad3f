// What the page's files promise: text stays text, and everything comes from this server. That the
// page works is for scripts/check_web_page.py, which needs a browser.
#include "server/web/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <regex>
#include <string>

namespace coderank::server::web {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PageTest : public ::testing::Test {
 protected:
  PageTest() {
    http::Router router;
    AddPage(router);
    for (const http::Route& route : router.routes()) {
      EXPECT_TRUE(route.open && route.quick) << route.path;
      const auto state = std::make_shared<http::ExchangeState>(http::Request{}, [] {});
      route.handler(std::make_unique<http::Exchange>(state));
      files_[route.path] = *state->Take().head;
    }
  }

  std::map<std::string, http::Response> files_;
};

TEST_F(PageTest, TheBrowserMayLoadFromThisServerAlone) {
  ASSERT_EQ(files_.size(), 5U);
  for (const auto& [path, file] : files_) {
    std::map<std::string, std::string> headers(file.headers.begin(), file.headers.end());
    const std::string& policy = headers["Content-Security-Policy"];
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_THAT(policy, Not(HasSubstr("http"))) << "no other host";
    if (path != "/icon.svg") {
      EXPECT_THAT(file.body, Not(HasSubstr("://"))) << path;
    }
  }
}

TEST_F(PageTest, NoScriptOrStyleIsInline) {
  const std::string& html = files_["/"].body;
  EXPECT_FALSE(std::regex_search(html, std::regex("<script[^>]*>[^<]"))) << "script";
  EXPECT_THAT(html, Not(HasSubstr("<style")));
  EXPECT_FALSE(std::regex_search(html, std::regex("\\s(on[a-z]+|style)="))) << "attributes";
}

// Names of files and code are a stranger's: there is no way from them into markup.
TEST_F(PageTest, ScriptsMakeNoMarkupOfText) {
  for (const char* path : {"/app.js", "/highlight.js"}) {
    for (const char* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                             "DOMParser", "createContextualFragment", "setHTML", "srcdoc", "eval(",
                             "Function(", ".href =", ".src ="}) {
      EXPECT_THAT(files_[path].body, Not(HasSubstr(sink))) << path;
    }
  }
}

TEST_F(PageTest, WhatThePageAsksForIsServed) {
  const std::regex reference("(?:href|src|from)(?:=| )\"(/[a-z.]*)\"");
  for (const auto& [path, file] : files_) {
    std::sregex_iterator found(file.body.begin(), file.body.end(), reference);
    for (; found != std::sregex_iterator(); ++found) {
      EXPECT_TRUE(files_.contains((*found)[1])) << path << ": " << (*found)[1];
    }
  }
}

}  // namespace
}  // namespace coderank::server::web
