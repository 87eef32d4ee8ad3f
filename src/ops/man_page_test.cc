#include "ops/man_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "ops/operation.h"

namespace coderank::ops {
namespace {

using ::testing::HasSubstr;

TEST(ManPageTest, EveryOperationHasItsSection) {
  const std::string page = ManPage();
  EXPECT_TRUE(page.starts_with(".TH CODERANK 1 "));
  for (const Operation& operation : Operations()) {
    std::string heading = ".SS \"coderank " + std::string(operation.name);
    for (size_t at = 0; (at = heading.find('-', at)) != std::string::npos; at += 2) {
      heading.insert(at, "\\");
    }
    EXPECT_THAT(page, HasSubstr(heading));
  }
  EXPECT_THAT(page,
              HasSubstr("\\fB\\-\\-limit\\fR, \\fB\\-k\\fR \\fIN\\fR\nresults wanted [10]\n"));
}

// A line of text that begins with a dot would be taken for a request.
TEST(ManPageTest, LinesThatBeginWithADotAreRequests) {
  std::istringstream page(ManPage());
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with('.')) continue;
    const std::string request = line.substr(0, line.find(' '));
    EXPECT_THAT((std::vector<std::string>{".TH", ".SH", ".SS", ".TP", ".B", ".BR", ".I", ".IR",
                                          ".RI", ".br"}),
                ::testing::Contains(request))
        << line;
  }
}

}  // namespace
}  // namespace coderank::ops
