// Models that another machine computes, by the real program: connect, index, search, migrate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/coderank_runner.h"
#include "support/fake_embedder.h"
#include "support/process.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CoderankRunner;
using testing::FakeEmbedder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessResult;

constexpr const char* kKey = "sk-0123456789secret";

class RemoteProgramTest : public ::testing::Test {
 protected:
  RemoteProgramTest() {
    service_.Change([](auto& settings) { settings.key = kKey; });
    coderank_.environment()["FAR_API_KEY"] = kKey;
    coderank_.Write("src/backoff.cc",
                    "int Backoff(int attempt) {\n  return seconds before the next try;\n}\n");
    coderank_.Write("src/parse.py", "def parse(text):\n    return tokens of the grammar\n");
  }
  ProcessResult Connect(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"model",
                                          "connect",
                                          "far",
                                          "--api",
                                          "openai",
                                          "--url",
                                          service_.url() + "/v1",
                                          "--key-variable",
                                          "FAR_API_KEY",
                                          "--price",
                                          "0.2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return coderank_.Run(arguments);
  }
  // The service by a name that is not this machine's: a proxy leads there.
  void ConnectFarAway() {
    service_.Change([](auto& settings) { settings.key = ""; });
    coderank_.environment()["http_proxy"] = service_.url();
    const ProcessResult connected =
        coderank_.Run({"model", "connect", "far", "--api", "openai", "--url",
                       "http://vectors.example/v1", "--price", "0.2"});
    ASSERT_EQ(connected.exit_code, 0) << connected.err;
  }

  FakeEmbedder service_;
  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(RemoteProgramTest, IsAModelLikeAnyOther) {
  const ProcessResult connected = Connect();
  ASSERT_EQ(connected.exit_code, 0) << connected.err;
  EXPECT_THAT(connected.out, HasSubstr("connected far (16 dimensions) at " + service_.url()));
  const json info = coderank_.RunJson({"model", "info", "far", "--json"});
  EXPECT_EQ(info["remote_model"], "far");
  EXPECT_EQ(info["usd_per_million_tokens"], 0.2);
  EXPECT_EQ(coderank_.Run({"model", "verify", "far"}).exit_code, 0);
  const json indexed = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(indexed["chunks_embedded"], 2) << indexed;
  const json found =
      coderank_.RunJson({"search", "seconds before the next try", "--mode", "semantic", "--json"});
  ASSERT_EQ(found["results"].size(), 2U) << found;
  EXPECT_EQ(found["results"][0]["path"], "src/backoff.cc");
  EXPECT_EQ(found["model"], "far");
  // The cache knows the vectors, whatever tree they are of.
  const size_t sent = service_.Texts().size();
  EXPECT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"index", "--json"})["chunks_from_cache"], 2);
  EXPECT_EQ(service_.Texts().size(), sent);
  const json embedded = coderank_.RunJson({"embed", "--query", "next try"});
  EXPECT_TRUE(embedded.is_array() || embedded.is_object()) << "vectors on the command line";
}

TEST_F(RemoteProgramTest, TeiTellsItsLimitsAndNeedsThePrompt) {
  service_.Change([](auto& settings) {
    settings.key = "";
    settings.most_texts = 8;
  });
  const ProcessResult connected = coderank_.Run(
      {"model", "connect", "tei", "--api", "tei", "--url", service_.url() + "/", "--json"});
  ASSERT_EQ(connected.exit_code, 0) << connected.err;
  const json model = json::parse(connected.out);
  EXPECT_EQ(model["max_tokens"], 512);
  EXPECT_EQ(model["query_prompt"], "Represent this query for searching relevant code: ");
  for (int i = 0; i < 20; ++i) {
    coderank_.Write("src/f" + std::to_string(i) + ".cc",
                    "int F" + std::to_string(i) + "() { return " + std::to_string(i) + "; }\n");
  }
  EXPECT_EQ(coderank_.RunJson({"index", "--json"})["chunks_embedded"], 22);
  for (const json& body : service_.Bodies()) EXPECT_LE(body["inputs"].size(), 8U);
  EXPECT_EQ(coderank_.Run({"search", "F7", "--mode", "semantic"}).exit_code, 0);
  EXPECT_THAT(service_.Texts(),
              ::testing::Contains("Represent this query for searching relevant code: F7"));
}

TEST_F(RemoteProgramTest, TextsLeaveTheMachineOnlyWhenTheUserAgrees) {
  ConnectFarAway();
  const size_t sent = service_.Texts().size();
  const ProcessResult asked = coderank_.Run({"index"});
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_THAT(asked.err, HasSubstr("lexical search only: the texts of 2 chunks (about "));
  EXPECT_THAT(asked.err, HasSubstr("less than $0.01"));
  EXPECT_THAT(asked.err, HasSubstr("http://vectors.example:80; --yes agrees"));
  EXPECT_EQ(coderank_.Run({"search", "next try"}).exit_code, 0) << "words do";
  const ProcessResult chosen = coderank_.Run({"index", "--model", "far"});
  EXPECT_EQ(chosen.exit_code, 2);
  EXPECT_THAT(chosen.err, HasSubstr("--yes agrees"));
  EXPECT_EQ(service_.Texts().size(), sent) << "nothing was sent";
  EXPECT_EQ(coderank_.RunJson({"index", "--yes", "--json"})["chunks_embedded"], 2);
  coderank_.Write("src/new.cc", "int New() { return 1; }\n");
  EXPECT_EQ(coderank_.RunJson({"index", "--json"})["chunks_embedded"], 1) << "once for a tree";
}

// Tokens are counted by the service: a number of them would be kept and mean nothing.
TEST_F(RemoteProgramTest, TextsAreNotCutByTokensHere) {
  ASSERT_EQ(Connect().exit_code, 0);
  const size_t sent = service_.Texts().size();
  const std::vector<std::vector<std::string>> commands = {
      {"index", "--max-tokens", "16"},
      {"embed", "--max-tokens", "16", "some text"},
      {"watch", "--model", "far", "--max-tokens", "16"}};
  for (const std::vector<std::string>& command : commands) {
    const ProcessResult refused = coderank_.Run(command);
    EXPECT_EQ(refused.exit_code, 2) << command[0];
    EXPECT_THAT(refused.err, HasSubstr("--max-tokens: does not go with the remote model far"));
  }
  EXPECT_EQ(service_.Texts().size(), sent);
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
  coderank_.environment()["CODERANK_MAX_TOKENS"] = "16";
  EXPECT_EQ(coderank_.Run({"index"}).exit_code, 0) << "is for whichever model is used";
  EXPECT_EQ(coderank_.Run({"search", "next try", "--max-tokens", "50"}).exit_code, 0)
      << "the length of the answer";
}

TEST_F(RemoteProgramTest, SearchGoesOnWithWordsWithoutTheService) {
  ASSERT_EQ(Connect().exit_code, 0);
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  for (int i = 0; i < 2; ++i) {
    service_.Next([](const auto&, auto& connection) { connection.Reply(503, {}, "down"); });
  }
  const ProcessResult away = coderank_.Run({"search", "seconds before the next try"});
  EXPECT_EQ(away.exit_code, 0);
  EXPECT_THAT(away.out, HasSubstr("src/backoff.cc"));
  EXPECT_THAT(away.err, HasSubstr("searching by words alone"));
  for (int i = 0; i < 2; ++i) {
    service_.Next([](const auto&, auto& connection) { connection.Reply(503, {}, "down"); });
  }
  EXPECT_EQ(coderank_.Run({"search", "next try", "--mode", "semantic"}).exit_code, 2);
  coderank_.environment().erase("FAR_API_KEY");
  const ProcessResult keyless = coderank_.Run({"search", "next try"});
  EXPECT_EQ(keyless.exit_code, 0) << keyless.err;
  EXPECT_THAT(keyless.err, HasSubstr("FAR_API_KEY"));
}

TEST_F(RemoteProgramTest, AnotherModelIsTakenOnlyWhenAskedTo) {
  ASSERT_EQ(Connect().exit_code, 0);
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const std::string before = coderank_.RunJson({"model", "info", "far", "--json"})["fingerprint"];
  EXPECT_THAT(coderank_.Run({"model", "connect", "far", "--price", "0.5"}).out,
              HasSubstr("connected again"))
      << "what is not said stays";
  service_.Change([](auto& settings) { settings.seed = 2; });
  coderank_.Write("src/new.cc", "int New() { return 1; }\n");
  const ProcessResult changed = coderank_.Run({"index"});
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_THAT(changed.err, HasSubstr("the service has another model now"));
  const ProcessResult kept = coderank_.Run({"model", "connect", "far"});
  EXPECT_EQ(kept.exit_code, 2);
  EXPECT_THAT(kept.err, HasSubstr("--replace"));
  ASSERT_EQ(coderank_.Run({"model", "connect", "far", "--replace"}).exit_code, 0);
  EXPECT_NE(coderank_.RunJson({"model", "info", "far", "--json"})["fingerprint"], before);
  EXPECT_THAT(coderank_.Run({"index"}).err, HasSubstr("embed again"));
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"index", "--json"})["chunks_embedded"], 3) << "none from the cache";
}

TEST_F(RemoteProgramTest, TheKeyStaysInTheEnvironment) {
  service_.Change([](auto& settings) { settings.key = "another"; });
  const ProcessResult refused = Connect();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("the environment variable FAR_API_KEY holds the key"));
  EXPECT_THAT(refused.err + refused.out, Not(HasSubstr(kKey)));
  const ProcessResult key_itself = coderank_.Run({"model", "connect", "far", "--api", "openai",
                                                  "--url", service_.url(), "--key-variable", kKey});
  EXPECT_EQ(key_itself.exit_code, 2);
  EXPECT_THAT(key_itself.err, Not(HasSubstr(kKey)));
  service_.Change([](auto& settings) { settings.key = kKey; });
  ASSERT_EQ(Connect().exit_code, 0);
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const std::string found =
      testing::RunProcess({"/bin/grep", "-r", "-l", kKey, coderank_.world().native()}).out;
  EXPECT_EQ(found, "") << "no file has it";
}

TEST_F(RemoteProgramTest, UnknownNamesSayWhatIsNeeded) {
  const ProcessResult unknown = coderank_.Run({"model", "connect", "far"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("--api and --url"));
  EXPECT_THAT(unknown.err, HasSubstr("voyage-code-3"));
  const ProcessResult keyless = coderank_.Run({"model", "connect", "voyage-code-3"});
  EXPECT_EQ(keyless.exit_code, 2);
  EXPECT_THAT(keyless.err, HasSubstr("VOYAGE_API_KEY"));
}

}  // namespace
}  // namespace coderank
