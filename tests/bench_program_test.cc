// `coderank bench pipeline`: what it measures, not how fast that is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using testing::ProcessResult;

class BenchPipelineTest : public ::testing::Test {
 protected:
  BenchPipelineTest() {
    coderank_.Write("src/a.cc", "// Reads a file.\nint ReadFile(const char* name);\n");
    coderank_.Write("queries.txt", "read a file\n\nReadFile\n");
  }
  static std::string Content(const std::filesystem::path& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(BenchPipelineTest, MeasuresEachStageOfEachQuery) {
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  const ProcessResult result =
      coderank_.Run({"bench", "pipeline", "queries.txt", "--rounds", "2", "--json", "--goal",
                     "600s", "--against", "tiny", "--out", "out.json", "--svg", "out.svg"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json figures = json::parse(result.out);
  EXPECT_EQ(figures["queries"], 2);
  EXPECT_EQ(figures["rounds"], 2);
  EXPECT_EQ(figures["goal_ms"], 600000.0);
  EXPECT_EQ(figures["within_goal"], 1.0);
  EXPECT_EQ(figures["stages"].size(), 5U);
  for (const json& stage : figures["stages"]) {
    EXPECT_LE(stage["p50_ms"], stage["p95_ms"]);
    if (stage["name"] == "embed" || stage["name"] == "search") {
      EXPECT_GT(stage["p50_ms"], 0.0);
    }
  }
  EXPECT_GT(figures["total"]["p95_ms"], 0.0);
  EXPECT_EQ(figures["against"]["model"], "tiny");
  EXPECT_GT(figures["against"]["embed"]["p50_ms"], 0.0);
  EXPECT_EQ(json::parse(Content(coderank_.tree() / "out.json")), figures);
  EXPECT_THAT(Content(coderank_.tree() / "out.svg"),
              AllOf(HasSubstr("<svg "), HasSubstr("goal 600000 ms"), HasSubstr("</svg>")));
}

TEST_F(BenchPipelineTest, PrintsATable) {
  const ProcessResult result =
      coderank_.Run({"bench", "pipeline", "queries.txt", "--mode", "lexical", "--goal", "0ms"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("p95 ms"), HasSubstr("rerank"), HasSubstr("total"),
                                HasSubstr("0.0 % within the goal of 0 ms")));
}

TEST_F(BenchPipelineTest, NoQueryIsNothingFound) {
  coderank_.Write("none.txt", "\n \n");
  EXPECT_EQ(coderank_.Run({"bench", "pipeline", "none.txt"}).exit_code, 1);
  EXPECT_EQ(coderank_.Run({"bench", "pipeline", "missing.txt"}).exit_code, 2);
}

}  // namespace
}  // namespace coderank
