// For tests of reranking as a user meets it: six files that one query finds, in an order that a
// made-up judge disagrees with.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/strings.h"
#include "support/coderank_runner.h"

namespace coderank::testing {

class RerankTreeTest : public ::testing::Test {
 protected:
  static constexpr const char* kQuery = "read the file";

  RerankTreeTest() {
    for (const char* name : {"alpha", "beta", "gamma", "delta", "epsilon", "zeta"}) {
      coderank_.Write(StrCat("src/", name, ".cc"),
                      StrCat("// Read the file ", name, " into memory.\nint Read", name,
                             "(const char* file) {\n  return Open(file, \"", name, "\");\n}\n"));
    }
  }

  // A search in words alone, reranked under more flags.
  nlohmann::json Search(std::vector<std::string> flags) const {
    flags.insert(flags.begin(), {"search", kQuery, "--mode", "lexical", "--json", "--explain"});
    const ProcessResult result = coderank_.Run(flags);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out, nullptr, false);
  }
  static std::vector<std::string> Paths(const nlohmann::json& report) {
    std::vector<std::string> paths;
    for (const nlohmann::json& result : report["results"]) paths.push_back(result["path"]);
    return paths;
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

}  // namespace coderank::testing
