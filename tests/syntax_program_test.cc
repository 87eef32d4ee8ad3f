// Chunks by syntax, as the program makes them with itself as the parser process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using testing::ProcessResult;

class SyntaxProgramTest : public ::testing::Test {
 protected:
  SyntaxProgramTest() {
    const ProcessResult added = coderank_.AddTinyModel();
    EXPECT_EQ(added.exit_code, 0) << added.err;
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(SyntaxProgramTest, AFunctionIsAResultOfItsOwn) {
  // By lines both would be one chunk: together they are far below the size that is wanted.
  std::string code;
  for (const char* name : {"alpha", "beta"}) {
    code += std::string("def ") + name + "(value):\n";
    for (int i = 0; i < 10; ++i)
      code += "    value = transform(value, with_option=" + std::to_string(i) + ")\n";
    code += "    return value\n\n\n";
  }
  coderank_.Write("both.py", code);
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const json found = coderank_.RunJson({"search", "beta", "--json"});
  ASSERT_FALSE(found["results"].empty());
  for (const json& result : found["results"]) {
    EXPECT_TRUE(result["start_line"] == 1 || result["start_line"] == 15) << result.dump();
  }
  EXPECT_EQ(found["results"].size(), 2U);
}

TEST_F(SyntaxProgramTest, StatusNamesFilesThatLostTheirSyntax) {
  coderank_.Write("good.py", "def good():\n    return 1\n");
  coderank_.Write("bad.py", "def f(:\n)))((( }}} @@@ $$$ ??? !!!\n");
  coderank_.Write("notes.txt", "no language, and nothing lost\n");
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const json status = coderank_.RunJson({"status", "--json"});
  ASSERT_EQ(status["without_syntax"].size(), 1U) << status.dump();
  EXPECT_EQ(status["without_syntax"][0]["path"], "bad.py");
  EXPECT_EQ(status["without_syntax"][0]["detail"], "most of it is no valid syntax");
  EXPECT_EQ(status["coverage"]["files"], 3);
  EXPECT_THAT(coderank_.Run({"status"}).out, HasSubstr("bad.py: most of it is no valid syntax"));

  coderank_.Write("bad.py", "def f():\n    return 'mended, and longer than before'\n");
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  EXPECT_TRUE(coderank_.RunJson({"status", "--json"})["without_syntax"].empty());
}

// What a person who finds the hidden argument sees: nothing, and it ends with its input.
TEST_F(SyntaxProgramTest, TheParserProcessEndsWithItsInput) {
  // The leak check at the end of a sanitised program needs files, which the worker may not open.
  coderank_.environment()["LSAN_OPTIONS"] = "detect_leaks=0";
  const ProcessResult result = coderank_.Run({"--syntax-worker"}, "");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace coderank
