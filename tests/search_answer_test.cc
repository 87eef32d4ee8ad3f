// What can be asked of an answer: code like other code, several trees, lines around, less text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessResult;
using ::testing::StartsWith;

// Long enough that the chunker keeps functions apart.
std::string Function(const std::string& name, const std::string& word) {
  std::string text = "int " + name + "(int value) {\n";
  for (int i = 0; i < 40; ++i) {
    text += "  " + word + "_step(value, " + std::to_string(i) + ");\n";
  }
  return text + "}\n";
}

class SearchAnswerTest : public ::testing::Test {
 protected:
  SearchAnswerTest() {
    coderank_.Write("src/read.cc", Function("read_cookies", "cookie"));
    coderank_.Write("src/write.cc", Function("write_cookies", "cookie"));
    coderank_.Write("src/draw.cc", Function("draw_shapes", "triangle"));
    coderank_.Write("lib/jar.cc", Function("jar_of_cookies", "cookie"));
  }

  static std::vector<std::string> PathsOf(const json& answer) {
    std::vector<std::string> paths;
    for (const json& result : answer["results"]) paths.push_back(result["path"]);
    return paths;
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(SearchAnswerTest, RelatedCodeIsFoundFromAboveTheIndexedTree) {
  ASSERT_EQ(coderank_.Run({"index", "src"}).exit_code, 0);
  const ProcessResult none = coderank_.Run({"find-related", "src/no.cc:5"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("no such file"));
  const json answer = coderank_.RunJson({"find-related", "src/read.cc:5", "--json"});
  ASSERT_FALSE(PathsOf(answer).empty());
  EXPECT_EQ(PathsOf(answer)[0], "src/write.cc");
  EXPECT_FALSE(fs::exists(coderank_.tree() / ".coderank")) << "the tree above was not indexed";
}

TEST_F(SearchAnswerTest, AFolderThatCameAfterTheIndexIsTakenIn) {
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  for (int i = 0; i < 40; ++i) {  // more than a search takes in by the way
    coderank_.Write("clone/part" + std::to_string(i) + ".cc",
                    Function("bake_bread_" + std::to_string(i), "oven"));
  }
  const json answer = coderank_.RunJson({"search", "bake bread", "clone", "--json", "-k", "1"});
  ASSERT_EQ(answer["results"].size(), 1U);
  EXPECT_EQ(answer["coverage"]["files"], 44);
}

TEST_F(SearchAnswerTest, RelatedCodeSharesTheWordsAndIsNotTheCodeItself) {
  const json answer = coderank_.RunJson({"find-related", "src/read.cc:5", "--json"});
  const auto paths = PathsOf(answer);
  ASSERT_GE(paths.size(), 2U);
  EXPECT_THAT((std::vector<std::string>(paths.begin(), paths.begin() + 2)),
              ::testing::UnorderedElementsAre("src/write.cc", "lib/jar.cc"));
  EXPECT_THAT(paths, Not(Contains("src/read.cc")));
  EXPECT_EQ(answer["mode"], "lexical");
  EXPECT_EQ(answer["place"], "src/read.cc:5");
}

TEST_F(SearchAnswerTest, RelatedCodeIsFoundByStoredVectorsWithoutTheModel) {
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  coderank_.RunJson({"index", "--json"});
  fs::remove_all(coderank_.world() / "home/.local/share/coderank/models/tiny");
  const json answer = coderank_.RunJson(
      {"find-related", "src/read.cc:5", "--mode", "semantic", "--explain", "--json"});
  EXPECT_EQ(answer["mode"], "semantic");
  ASSERT_FALSE(answer["results"].empty());
  EXPECT_EQ(answer["results"][0]["terms"][0]["name"], "semantic");
}

TEST_F(SearchAnswerTest, PartsOfALongFunctionBearItsName) {
  std::string text = "class Oven {\n  void Bake() {\n";
  for (int i = 0; i < 60; ++i) text += "    knead_the_dough(" + std::to_string(i) + ", 1);\n";
  for (int i = 0; i < 60; ++i) text += "    sprinkle_sesame(" + std::to_string(i) + ", 2);\n";
  coderank_.Write("src/oven.cc", text + "  }\n};\n");
  const ProcessResult found = coderank_.Run({"search", "sprinkle_sesame", "-k", "1"});
  EXPECT_THAT(found.out, AllOf(StartsWith("src/oven.cc:"), HasSubstr("  Oven.Bake  ")));
  const json answer = coderank_.RunJson({"search", "sprinkle_sesame", "-k", "1", "--json"});
  EXPECT_EQ(answer["results"][0]["qualified_name"], "Oven.Bake");
  EXPECT_FALSE(answer["results"][0].contains("symbol")) << "it defines no name itself";
}

TEST_F(SearchAnswerTest, PlacesThatAreNoneAreRefusedBeforeAnythingIsIndexed) {
  const auto refused = [this](const std::string& place) {
    const ProcessResult result = coderank_.Run({"find-related", place});
    EXPECT_EQ(result.exit_code, 2) << place;
    return result.err;
  };
  for (const char* place : {"src/read.cc", "src/read.cc:", "src/read.cc:x", "src/read.cc:0", ":3",
                            "src/read.cc:99999999999"}) {
    EXPECT_THAT(refused(place), HasSubstr("expected path:line")) << place;
  }
  EXPECT_THAT(refused("../outside.cc:1"), HasSubstr("expected a file below"));
  EXPECT_THAT(refused("/etc/passwd:1"), HasSubstr("expected a file below"));
  EXPECT_THAT(refused("src/none.cc:1"), HasSubstr("no such file"));
  EXPECT_FALSE(fs::exists(coderank_.tree() / ".coderank"));
  EXPECT_THAT(refused("src/read.cc:4000"), HasSubstr("the last line with text is 42"));
  EXPECT_THAT(refused("src/none.cc:1"), HasSubstr("is not in the index"));
  EXPECT_THAT(coderank_.Run({"find-related", "src/read.cc:5", "--mode", "semantic"}).err,
              HasSubstr("has no vector yet"));
}

TEST_F(SearchAnswerTest, PlacesAreReadAsSearchPrintsThem) {
  const json line = coderank_.RunJson({"find-related", "src/read.cc:5", "--json"});
  const json range = coderank_.RunJson({"find-related", "src/read.cc:1-42", "--json"});
  EXPECT_EQ(line["results"], range["results"]);
}

TEST_F(SearchAnswerTest, SeveralTreesAreRankedTogether) {
  const fs::path other = coderank_.world() / "other";
  fs::create_directories(other);
  std::ofstream(other / "eat.cc") << Function("eat_cookies", "cookie");
  const json answer =
      coderank_.RunJson({"search", "cookies", ".", "../other", "--json", "-k", "20"});
  EXPECT_THAT(PathsOf(answer), AllOf(Contains("../other/eat.cc"), Contains("src/read.cc")));
  EXPECT_EQ(answer["trees"].size(), 2U);
  EXPECT_EQ(answer["coverage"]["files"], 5);
}

TEST_F(SearchAnswerTest, OverlappingFoldersOfOneTreeShowEachChunkOnce) {
  coderank_.RunJson({"index", "--json"});
  const json answer =
      coderank_.RunJson({"search", "cookies", "src", "src/read.cc", "lib", "--json", "-k", "20"});
  std::vector<std::string> paths = PathsOf(answer);
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end());
  EXPECT_THAT(paths, AllOf(Contains("src/read.cc"), Contains("lib/jar.cc")));
  EXPECT_FALSE(answer.contains("trees")) << "one index answered";
  EXPECT_EQ(answer["coverage"]["files"], 4);
}

TEST_F(SearchAnswerTest, TreesOfDifferentModelsAreNotComparedByVectors) {
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  const fs::path other = coderank_.world() / "other";
  fs::create_directories(other);
  std::ofstream(other / "eat.cc") << Function("eat_cookies", "cookie");
  coderank_.RunJson({"index", "--json"});
  coderank_.RunJson({"index", "../other", "--precision", "f32", "--json"});
  const ProcessResult refused = coderank_.Run({"search", "cookies", ".", "../other"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--mode lexical"));
  EXPECT_EQ(coderank_.Run({"search", "cookies", ".", "../other", "--mode", "lexical"}).exit_code,
            0);
}

TEST_F(SearchAnswerTest, LinesAroundAreOfTheFileAsItWasIndexed) {
  coderank_.Write("notes.py", "alpha = 1\nbeta = 2\n\n\ndef find_gamma():\n    return 3\n");
  coderank_.RunJson({"index", "--json"});
  const json answer =
      coderank_.RunJson({"search", "find_gamma", "notes.py", "-C", "100", "-k", "1", "--json"});
  const json& result = answer["results"][0];
  std::string whole;
  for (const char* part : {"before", "snippet", "after"}) {
    if (!result.contains(part)) continue;
    if (!whole.empty() && whole.back() != '\n') whole += '\n';
    whole += result[part];
  }
  EXPECT_THAT(whole, StartsWith("alpha = 1\nbeta = 2\n\n\ndef find_gamma():\n    return 3"));
}

TEST_F(SearchAnswerTest, APlaceIsAQuery) {
  std::string text;
  for (const char* name : {"first", "second", "third"}) text += Function(name, "other");
  coderank_.Write("lib/places.cc", text);
  for (const char* place : {"places.cc:60", "lib/places.cc:60-61"}) {
    const json best = coderank_.RunJson({"search", place, "--json"})["results"][0];
    EXPECT_EQ(best["path"], "lib/places.cc") << place;
    EXPECT_LE(best["start_line"], 60) << place;
    EXPECT_GE(best["end_line"], 60) << place;
  }
}

TEST_F(SearchAnswerTest, BlankLinesAroundAreShown) {
  coderank_.Write("notes.py", "alpha = 1\n\ndef find_gamma():\n    return 3\n\n\nomega = 2\n");
  coderank_.RunJson({"index", "--json"});
  const auto shown = [this](const char* lines) {
    return coderank_.Run({"search", "symbol:find_gamma", "notes.py", "-k", "1", "-C", lines}).out;
  };
  const std::string text = shown("100");
  EXPECT_THAT(text, HasSubstr("     1  alpha = 1\n     2  \n     3  def find_gamma():\n")) << text;
}

TEST_F(SearchAnswerTest, TheAnswerFitsTheTokensAskedFor) {
  const json whole = coderank_.RunJson({"search", "cookies", "--json"});
  const json fitted = coderank_.RunJson({"search", "cookies", "--json", "--max-tokens", "200"});
  const auto text = [](const json& answer) {
    size_t bytes = 0;
    for (const json& result : answer["results"]) {
      bytes += result["snippet"].get<std::string>().size();
    }
    return bytes;
  };
  EXPECT_GT(text(whole), 200U * 4);
  EXPECT_LE(text(fitted), 200U * 4);
  EXPECT_EQ(fitted["results"][0]["snippet_cut"], true);
  EXPECT_EQ(fitted["results"][0]["path"], whole["results"][0]["path"]);
}

TEST_F(SearchAnswerTest, WhoAsksForNoRefreshGetsTheIndexAsItIs) {
  coderank_.RunJson({"index", "--json"});
  coderank_.Write("src/bake.cc", Function("bake_cookies", "oven"));
  const json stale = coderank_.RunJson({"search", "bake_cookies", "--no-refresh", "--json"});
  EXPECT_THAT(PathsOf(stale), Not(Contains("src/bake.cc")));
  EXPECT_EQ(stale["freshness"]["known"], false);
  const json fresh = coderank_.RunJson({"search", "bake_cookies", "--json"});
  EXPECT_EQ(PathsOf(fresh)[0], "src/bake.cc");
}

TEST_F(SearchAnswerTest, JsonLinesAreAResultEachAndTheAnswerLast) {
  const ProcessResult result = coderank_.Run({"search", "cookies", "--jsonl", "-k", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::istringstream lines(result.out);
  std::vector<json> parsed;
  for (std::string line; std::getline(lines, line);) {
    parsed.push_back(json::parse(line, nullptr, false));
  }
  ASSERT_EQ(parsed.size(), 3U);
  EXPECT_EQ(parsed[0]["type"], "result");
  EXPECT_TRUE(parsed[0].contains("path"));
  EXPECT_EQ(parsed[2]["type"], "answer");
  EXPECT_EQ(parsed[2]["query"], "cookies");
  EXPECT_EQ(parsed[2]["results"], 2);
}

}  // namespace
}  // namespace coderank
