// Texts to another machine and vectors back: what is taken, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using testing::ProcessResult;

class ExchangeTest : public ::testing::Test {
 protected:
  ExchangeTest() {
    coderank_.Write("a.cc", "int first(int value) {\n  return value;\n}\n");
    coderank_.Write("b.cc", "int second(int value) {\n  return value;\n}\n");
    EXPECT_EQ(coderank_.Run({"index"}).exit_code, 0) << "without a model";
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
  }

  std::vector<json> Lines(const std::filesystem::path& file) const {
    std::vector<json> lines;
    std::ifstream stream(coderank_.world() / file);
    for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
    return lines;
  }
  // What the other machine makes of the exported texts.
  std::vector<json> Vectors() const {
    const std::vector<json> texts = Lines("texts");
    std::vector<json> vectors = {
        {{"format", "coderank-vectors"}, {"version", 1}, {"fingerprint", texts[0]["fingerprint"]}}};
    std::vector<std::string> plain;
    for (size_t i = 1; i < texts.size(); ++i) plain.push_back(texts[i]["text"]);
    const std::vector<json> embedded = coderank_.VectorsOf(plain, {"--precision", "f32"});
    for (size_t i = 1; i < texts.size(); ++i) {
      vectors.push_back({{"sha256", texts[i]["sha256"]}, {"vector", embedded[i - 1]}});
    }
    return vectors;
  }
  ProcessResult Import(const std::vector<json>& lines) const {
    std::string content;
    for (const json& line : lines) content += line.dump() + "\n";
    return ImportText(content);
  }
  ProcessResult ImportText(const std::string& content) const {
    coderank_.Write("../vectors", content);
    return coderank_.Run({"vectors", "import", "../vectors", "--json"});
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(ExchangeTest, VectorsOfAnotherMachineCompleteTheIndex) {
  const ProcessResult exported = coderank_.Run({"texts", "export", "../texts", "--json"});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_EQ(json::parse(exported.out)["texts"], 2);
  const auto texts = Lines("texts");
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts[0]["dimension"], 32);
  EXPECT_EQ(std::filesystem::status(coderank_.world() / "texts").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(coderank_.Run({"texts", "export", "../texts"}).exit_code, 2) << "is not overwritten";

  const ProcessResult imported = Import(Vectors());
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_EQ(json::parse(imported.out)["stored"], 2);
  const json refreshed = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(refreshed["chunks_embedded"], 0);
  EXPECT_EQ(refreshed["coverage"]["embedded_chunks"], 2);
  const json found = coderank_.RunJson(
      {"search", "--json", "-k", "1", "int second(int value) {\n  return value;\n}\n"});
  EXPECT_EQ(found["results"][0]["path"], "b.cc") << "a text is nearest to itself";
  // Another tree with the same texts takes them from the cache.
  coderank_.Write("clone/a.cc", "int first(int value) {\n  return value;\n}\n");
  const json clone = coderank_.RunJson({"index", "--json", "--precision", "f32", "clone"});
  EXPECT_EQ(clone["chunks_from_cache"], 1);
}

TEST_F(ExchangeTest, WhatDoesNotFitIsRefusedWithItsLine) {
  ASSERT_EQ(coderank_.Run({"texts", "export", "../texts"}).exit_code, 0);
  const std::vector<json> good = Vectors();
  const auto changed = [&good](auto change) {
    std::vector<json> lines = good;
    change(lines);
    return lines;
  };
  const std::vector<std::pair<std::vector<json>, std::string>> cases = {
      {changed([](auto& lines) { lines[0]["fingerprint"] = "other"; }), "export the texts"},
      {changed([](auto& lines) { lines[0]["format"] = "coderank-texts"; }), "line 1: expected"},
      {changed([](auto& lines) { lines[1]["vector"].erase(0); }),
       "line 2: expected a vector of 32"},
      {changed([](auto& lines) { lines[2]["vector"][0] = nullptr; }), "line 3: expected finite"},
      {changed([](auto& lines) { lines[2]["vector"][0] = 5.0; }), "line 3: expected a vector of "},
      {changed([](auto& lines) { lines[2] = lines[1]; }), "line 3: the text "},
      {changed([](auto& lines) { lines[1]["sha256"] = "12"; }), "line 2: expected {\"sha256\""},
      {changed([](auto& lines) { lines[1] = json::array(); }), "line 2: expected"},
  };
  for (const auto& [lines, message] : cases) {
    const ProcessResult result = Import(lines);
    EXPECT_EQ(result.exit_code, 2) << message;
    EXPECT_THAT(result.err, HasSubstr(message));
  }
  for (const char* content : {"", "\n", "{", "[[[[[[[[", "{\"format\":{\"a\":1}}"}) {
    EXPECT_EQ(ImportText(content).exit_code, 2) << content;
  }
  EXPECT_EQ(ImportText(good[0].dump() + "\n" + std::string(300 << 10, 'x')).exit_code, 2);
}

TEST_F(ExchangeTest, IndexOfInt8VectorsIsNotMixedWithOthers) {
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0) << "int8 by default";
  const ProcessResult refused = coderank_.Run({"texts", "export", "../texts"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("int8"), HasSubstr("--precision f32")));
}

}  // namespace
}  // namespace coderank
