// coderank collection push and pull: an index in a collection, and its vectors back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "store/index_store.h"
#include "support/collection_testing.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CollectionTest;
using ::testing::HasSubstr;
using testing::ProcessResult;

class CollectionPushTest : public CollectionTest {
 protected:
  void SetUp() override {
    CollectionTest::SetUp();
    if (server_ == nullptr) return;
    name_ = server_->Name("code");
    for (int i = 0; i < 30; ++i) Write(i, "return value + " + std::to_string(i));
    ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  }
  void Write(int i, const std::string& statement) const {
    coderank_.Write(
        "src/part" + std::to_string(i % 3) + "/f" + std::to_string(i) + ".cc",
        "int function" + std::to_string(i) + "(int value) {\n  " + statement + ";\n}\n");
  }
  json Push() const { return coderank_.RunJson({"collection", "push", name_, "--json"}); }

  std::string name_;
};

TEST_F(CollectionPushTest, HoldsWhatTheIndexHolds) {
  const json pushed = Push();
  ASSERT_TRUE(pushed.is_object()) << coderank_.Run({"collection", "push", name_}).err;
  EXPECT_EQ(pushed["points"], 30);
  EXPECT_EQ(pushed["pending"], 0);
  const auto points = server_->Points(name_);
  ASSERT_EQ(points.size(), 30U);
  const json& payload = points[0]["payload"];
  const std::string path = payload["filePath"];
  EXPECT_EQ(payload["pathSegments"]["0"], "src");
  EXPECT_EQ(payload["pathSegments"]["2"], path.substr(path.rfind('/') + 1));
  EXPECT_EQ(payload["startLine"], 1);
  EXPECT_THAT(payload["codeChunk"].get<std::string>(), HasSubstr("int function"));
  EXPECT_EQ(coderank_.Run({"collection", "verify", name_}).exit_code, 0) << "the model's vectors";
  EXPECT_EQ(Push()["written"], 0);
}

TEST_F(CollectionPushTest, FollowsTheIndex) {
  Push();
  Write(7, "return 2 * value");
  std::filesystem::remove(coderank_.tree() / "src/part2/f8.cc");
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const json second = Push();
  EXPECT_EQ(second["points"], 29);
  EXPECT_EQ(second["written"], 1);
  EXPECT_EQ(second["removed"], 2);
}

// The same vectors, so the same best ones: what the embedded store gives for nearness alone does
// not rise along the collection's answer, and nothing that was left out is nearer.
TEST_F(CollectionPushTest, TheBestAreThoseOfTheEmbeddedStore) {
  Push();
  const std::string question = "function that doubles a value";
  const json answer = coderank_.RunJson(
      {"search", question, "--collection", name_, "--exact", "--json", "-k", "10"});
  ASSERT_EQ(answer["results"].size(), 10U);
  const json embedded = coderank_.RunJson(
      {"search", question, "--mode", "semantic", "--json", "-k", "30", "--explain"});
  ASSERT_EQ(embedded["results"].size(), 30U);
  std::map<std::string, double> nearness;  // above what everything has; 0 is not listed
  for (const json& result : embedded["results"]) {
    const json terms = result.value("terms", json::array());
    for (const json& term : terms) {
      if (term["name"] == "semantic") nearness[result["path"]] = term["value"];
    }
  }
  ASSERT_GT(nearness.size(), 5U);
  // Rows of half precision miss length 1 by up to 2^-11, and a cosine collection gives them length
  // 1: two cosines that are compared may be wrong by that each. In units of the term:
  const json& best = answer["results"].front();
  const json& worst = answer["results"].back();
  const double cosines = best["score"].get<double>() - worst["score"].get<double>();
  ASSERT_GT(cosines, 0);
  const double tie =
      std::ldexp(1.0, -10) * (nearness[best["place"]] - nearness[worst["place"]]) / cosines;
  double last = std::numeric_limits<double>::infinity();
  for (const json& result : answer["results"]) {
    const double now = nearness[result["place"]];
    EXPECT_LE(now, last + tie);
    last = now;
    nearness.erase(result["place"]);
  }
  for (const auto& [path, left_out] : nearness) EXPECT_LE(left_out, last + tie) << path;
}

// Each text's vector, bit by bit, by the file that it stands in.
std::map<std::string, std::vector<uint16_t>> Rows(const std::filesystem::path& index) {
  std::map<std::string, std::vector<uint16_t>> rows;
  const auto store = IndexStore::OpenForReading(index);
  EXPECT_TRUE(store) << store.error().message();
  const auto keep = [&](const StoredChunk& chunk, std::string_view) {
    return store->VectorsOf({&chunk.text_id, 1}, *store->VectorDimension(),
                            [&](int64_t, std::span<const uint16_t> row) {
                              rows[chunk.path].assign(row.begin(), row.end());
                            });
  };
  EXPECT_TRUE(store->ScanDocuments(keep).ok());
  return rows;
}

TEST_F(CollectionPushTest, ComesBackVectorForVector) {
  Push();
  const auto rows = Rows(coderank_.tree() / ".coderank");
  const std::vector<std::string> search = {"search", "function that doubles a value", "--json"};
  const json expected = coderank_.RunJson(search)["results"];
  // Another machine: the sources alone.
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  ASSERT_EQ(coderank_.Run({"cache", "clear"}).exit_code, 0);
  const json pulled = coderank_.RunJson({"collection", "pull", name_, "--json"});
  ASSERT_TRUE(pulled.is_object()) << coderank_.Run({"collection", "pull", name_}).err;
  EXPECT_EQ(pulled["points"], 30);
  EXPECT_EQ(pulled["vectors"], 30);
  const json index = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(index["chunks_embedded"], 0);
  EXPECT_EQ(index["chunks_from_cache"], 30);
  EXPECT_EQ(coderank_.RunJson(search)["results"], expected);
  EXPECT_EQ(Rows(coderank_.tree() / ".coderank"), rows);
}

TEST_F(CollectionPushTest, VectorsOfAnotherModelAreNotPulled) {
  Push();
  ASSERT_EQ(coderank_.Run({"cache", "clear"}).exit_code, 0);
  std::filesystem::remove_all(coderank_.world() / "home/.local/share/coderank/models");
  ASSERT_EQ(coderank_.AddTinyModel(2).exit_code, 0);
  const ProcessResult other = coderank_.Run({"collection", "pull", name_});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("fingerprint"));
  // One that coderank did not make says nothing about its model.
  const std::string foreign = server_->Name("foreign");
  MakeCollection(foreign, 32);
  EXPECT_THAT(coderank_.Run({"collection", "pull", foreign}).err, HasSubstr("did not make it"));
  EXPECT_EQ(coderank_.RunJson({"cache", "status", "--json"})["vectors"], 0);
}

TEST_F(CollectionPushTest, VectorsThatTheModelDidNotMakeAreNotPulled) {
  Push();
  ASSERT_EQ(coderank_.Run({"cache", "clear"}).exit_code, 0);
  json points = json::array();
  for (const json& point : server_->Points(name_)) {
    points.push_back({{"id", point["id"]},
                      {"payload", point["payload"]},
                      {"vector", Vector(32, points.size())}});
  }
  Upsert(name_, points);
  const ProcessResult planted = coderank_.Run({"collection", "pull", name_});
  EXPECT_EQ(planted.exit_code, 2);
  EXPECT_THAT(planted.err, HasSubstr("nothing was taken"));
  EXPECT_EQ(coderank_.RunJson({"cache", "status", "--json"})["vectors"], 0);
}

TEST_F(CollectionPushTest, OtherCollectionsAreNotTouched) {
  MakeCollection(name_, 32);
  EXPECT_EQ(coderank_.Run({"collection", "push", name_}).exit_code, 2);
  EXPECT_TRUE(server_->Points(name_).empty());
}

TEST_F(CollectionPushTest, NothingLeavesTheMachineUnasked) {
  const ProcessResult asked =
      coderank_.Run({"collection", "push", "code", "--url", "http://qdrant.invalid:6333"});
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_THAT(asked.err, HasSubstr("--yes"));
  EXPECT_THAT(asked.err, HasSubstr("30 chunks"));
}

}  // namespace
}  // namespace coderank
