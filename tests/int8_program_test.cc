// Precision and the longest text, as a user sets them: flag, environment and configuration, what an
// index remembers of them, and packed weights that are damaged or made by two programs at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "base/file.h"
#include "support/coderank_runner.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessResult;

constexpr const char* kText = "read the index of a file";

double Cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

class Int8ProgramTest : public ::testing::Test {
 protected:
  Int8ProgramTest() {
    const ProcessResult added = coderank_.AddTinyModel();
    EXPECT_EQ(added.exit_code, 0) << added.err;
    coderank_.Write("src/read.cc", "int ReadFile(const char* path) {\n  return Open(path);\n}\n");
  }

  // The vector of kText, under more flags.
  std::vector<double> Vector(const std::vector<std::string>& flags = {}) const {
    return Embed(kText, flags).value("vector", std::vector<double>());
  }
  json Embed(const std::string& text, const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments = {"embed", "--model", model_, "--jsonl", "--token-ids"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const ProcessResult result = coderank_.Run(arguments, json{{"text", text}}.dump() + "\n");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  void SetEnvironment(const std::string& name, const std::string& value) {
    coderank_.environment()[name] = value;
  }
  void WriteConfig(const std::string& content) const {
    const fs::path folder = coderank_.world() / "home/.config/coderank";
    fs::create_directories(folder);
    std::ofstream(folder / "config.toml") << content;
  }
  fs::path Pack() const {
    return coderank_.world() / "home/.local/share/coderank/models/tiny/int8.pack";
  }
  void Damage(size_t at) const {
    std::string bytes = *ReadFile(Pack(), 1 << 24);
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
    std::ofstream(Pack(), std::ios::binary) << bytes;
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
  std::string model_ = "tiny";
};

TEST_F(Int8ProgramTest, PrecisionIsSetByFlagEnvironmentAndConfiguration) {
  const std::vector<double> int8 = Vector();
  const std::vector<double> f32 = Vector({"--precision", "f32"});
  EXPECT_NE(int8, f32);
  EXPECT_GE(Cosine(int8, f32), 0.995) << "32 wide: coarser than any real model";
  EXPECT_EQ(Vector({"--precision", "int8"}), int8);
  WriteConfig("precision = \"f32\"\n");
  EXPECT_EQ(Vector(), f32);
  SetEnvironment("CODERANK_PRECISION", "int8");
  EXPECT_EQ(Vector(), int8) << "the environment comes before the file";
  EXPECT_EQ(Vector({"--precision", "f32"}), f32) << "and the flag before both";
}

TEST_F(Int8ProgramTest, UnknownPrecisionsNameTheirPlace) {
  const ProcessResult flag = coderank_.Run({"embed", kText, "--precision", "int2"});
  EXPECT_EQ(flag.exit_code, 2);
  EXPECT_THAT(flag.err, AllOf(HasSubstr("--precision"), HasSubstr("f32"), HasSubstr("int2")));
  SetEnvironment("CODERANK_PRECISION", "int2");
  EXPECT_THAT(coderank_.Run({"embed", kText}).err, HasSubstr("CODERANK_PRECISION"));
  SetEnvironment("CODERANK_PRECISION", "");
  WriteConfig("precision = 8\n");
  EXPECT_THAT(coderank_.Run({"embed", kText}).err, HasSubstr("config.toml"));
}

TEST_F(Int8ProgramTest, TextsAreCutWhereTheUserSays) {
  const auto tokens = [&](const std::vector<std::string>& flags) {
    return Embed(kText, flags)["ids"].size();
  };
  const size_t whole = tokens({});
  ASSERT_GT(whole, 5U);
  EXPECT_EQ(tokens({"--max-tokens", "5"}), 5U);
  WriteConfig("max_tokens = 3\n");
  EXPECT_EQ(tokens({}), 3U);
  SetEnvironment("CODERANK_MAX_TOKENS", "4");
  EXPECT_EQ(tokens({}), 4U);
  EXPECT_EQ(tokens({"--max-tokens", "5"}), 5U);
  SetEnvironment("CODERANK_MAX_TOKENS", "2");
  EXPECT_THAT(coderank_.Run({"embed", kText}).err,
              HasSubstr("CODERANK_MAX_TOKENS: expected a whole number from 3"));
}

TEST_F(Int8ProgramTest, MoreTokensThanPositionsNamesFlagAndLimit) {
  for (const char* precision : {"int8", "f32"}) {
    const ProcessResult result =
        coderank_.Run({"embed", kText, "--max-tokens", "8192", "--precision", precision});
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("model tiny"), HasSubstr("--max-tokens"),
                                  HasSubstr("found 8192"), HasSubstr("or less")));
  }
  EXPECT_EQ(Embed(kText, {})["ids"].size(), Embed(kText, {"--max-tokens", "20"})["ids"].size());
}

// The small NomicBERT has 8192 positions of which 2048 are trained; texts are cut at 128 unless
// the user says otherwise.
TEST_F(Int8ProgramTest, NomicBertGoesBeyondItsTrainedLengthWhenTold) {
  const std::string folder = CODERANK_SOURCE_DIR "/tests/data/models/nomic_cls";
  ASSERT_EQ(coderank_.Run({"model", "add", "nomic", folder}).exit_code, 0);
  model_ = "nomic";
  std::string text;
  for (int i = 0; i < 2500; ++i) text += "a ";
  for (const char* precision : {"int8", "f32"}) {
    const json cut = Embed(text, {"--precision", precision});
    EXPECT_LE(cut["ids"].size(), 512U);
    const json whole = Embed(text, {"--max-tokens", "8192", "--precision", precision});
    EXPECT_EQ(whole["ids"].size(), 2502U);
    EXPECT_NE(whole["vector"], cut["vector"]);
  }
  EXPECT_THAT(coderank_.Run({"embed", kText, "--max-tokens", "8193"}).err,
              HasSubstr("--max-tokens: expected a whole number from 3 to 8192"));
}

TEST_F(Int8ProgramTest, AnIndexKeepsItsPrecision) {
  ASSERT_EQ(coderank_.Run({"index", "--precision", "f32"}).exit_code, 0);
  const json before = coderank_.RunJson({"status", "--json"});
  EXPECT_EQ(coderank_.Run({"search", "read"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "read", "--precision", "f32"}).exit_code, 0);
  coderank_.Write("src/more.cc", "int More() { return 1; }\n");
  EXPECT_EQ(coderank_.Run({"index"}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"status", "--json"})["fingerprint"], before["fingerprint"]);
  for (const char* verb : {"search", "index"}) {
    std::vector<std::string> arguments = {verb, "--precision", "int8"};
    if (std::string(verb) == "search") arguments.insert(arguments.begin() + 1, "read");
    const ProcessResult refused = coderank_.Run(arguments);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("use the --precision and --max-tokens"),
                                   HasSubstr("`coderank clear`")));
  }
}

TEST_F(Int8ProgramTest, AnIndexKeepsItsLength) {
  ASSERT_EQ(coderank_.Run({"index", "--max-tokens", "5"}).exit_code, 0);
  const json before = coderank_.RunJson({"status", "--json"});
  EXPECT_EQ(coderank_.RunJson({"search", "read", "--json"})["mode"], "hybrid");
  coderank_.Write("src/more.cc", "int More() { return 1; }\n");
  EXPECT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const json after = coderank_.RunJson({"status", "--json"});
  EXPECT_EQ(after["fingerprint"], before["fingerprint"]);
  EXPECT_EQ(after["coverage"]["embedded_chunks"], after["coverage"]["chunks"]);
}

TEST_F(Int8ProgramTest, VerifyFindsADamagedPackAndTheNextUseMakesItAgain) {
  const std::vector<double> before = Vector();
  EXPECT_EQ(coderank_.Run({"model", "verify", "tiny"}).exit_code, 0);
  Damage(fs::file_size(Pack()) / 2);
  const ProcessResult damaged = coderank_.Run({"model", "verify", "tiny"});
  EXPECT_NE(damaged.exit_code, 0);
  EXPECT_THAT(damaged.err, HasSubstr("have been removed; the next use makes them again"));
  EXPECT_FALSE(fs::exists(Pack()));
  EXPECT_EQ(Vector(), before);
  EXPECT_TRUE(fs::exists(Pack()));
  EXPECT_EQ(coderank_.Run({"model", "verify", "tiny"}).exit_code, 0);
}

TEST_F(Int8ProgramTest, ADamagedHeaderIsMendedSilently) {
  const std::vector<double> before = Vector();
  for (const size_t at : {size_t{3}, size_t{10}, size_t{30}, size_t{130}}) {
    Damage(at);
    EXPECT_EQ(Vector(), before) << at;
  }
}

TEST_F(Int8ProgramTest, TwoProgramsPackAtOnce) {
  const std::vector<double> before = Vector();
  for (int round = 0; round < 3; ++round) {
    fs::remove(Pack());
    const pid_t first = coderank_.Start({"embed", kText});
    const pid_t second = coderank_.Start({"embed", kText});
    EXPECT_EQ(testing::WaitProcess(first), 0);
    EXPECT_EQ(testing::WaitProcess(second), 0);
    EXPECT_EQ(Vector(), before);
    for (const auto& file : fs::directory_iterator(Pack().parent_path())) {
      EXPECT_THAT(file.path().filename().native(), Not(HasSubstr("pack.")));
    }
  }
}

TEST_F(Int8ProgramTest, DoctorShowsKernelsAndPrecision) {
  const ProcessResult usual = coderank_.Run({"doctor"});
  EXPECT_THAT(usual.out, AllOf(HasSubstr("kernels"), HasSubstr("precision"), HasSubstr("int8")));
  SetEnvironment("CODERANK_FORCE_ISA", "scalar");
  const json report = coderank_.RunJson({"doctor", "--json", "--precision", "f32"});
  EXPECT_EQ(report["kernels"], "scalar");
  bool found = false;
  for (const json& setting : report["settings"]) {
    if (setting["key"] != "precision") continue;
    found = true;
    EXPECT_EQ(setting["value"], "f32");
    EXPECT_EQ(setting["origin"], "flag");
  }
  EXPECT_TRUE(found) << report;
}

TEST_F(Int8ProgramTest, EveryKernelSetGivesNearlyTheSameVectors) {
  std::vector<std::pair<std::string, std::vector<double>>> vectors;
  for (const char* set : {"scalar", "avx2", "avxvnni", "avx512", "avx512vnni"}) {
    SetEnvironment("CODERANK_FORCE_ISA", set);
    if (coderank_.Run({"doctor", "--json"}).err.find(set) != std::string::npos) continue;
    vectors.emplace_back(set, Vector());
    ASSERT_FALSE(vectors.back().second.empty()) << set;
  }
  ASSERT_GE(vectors.size(), 1U);
  for (const auto& [name, vector] : vectors) {
    EXPECT_GE(Cosine(vector, vectors.front().second), 0.999) << name;
    EXPECT_GE(Cosine(vector, vectors.back().second), 0.999) << name;
  }
}

}  // namespace
}  // namespace coderank
