// coderank collection: what is on a server, and moving it to another model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/collection_testing.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::CollectionTest;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessResult;

TEST_F(CollectionTest, ListSaysWhatThereIs) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs, 3584);
  Upsert(docs, RichPoints(5, 3584));
  server_->Result(
      "POST", "/collections/aliases",
      {{"actions",
        {{{"create_alias", {{"collection_name", docs}, {"alias_name", docs + "-alias"}}}}}}});
  const json list = coderank_.RunJson({"collection", "list", "--json"});
  ASSERT_TRUE(list.is_object()) << coderank_.Run({"collection", "list"}).err;
  json found;
  for (const json& entry : list["collections"]) {
    if (entry["name"] == docs) found = entry;
  }
  EXPECT_EQ(found["points"], 5);
  EXPECT_EQ(found["vectors"][0]["size"], 3584);
  EXPECT_EQ(found["aliases"], json::array({docs + "-alias"}));
  EXPECT_THAT(coderank_.Run({"collection", "list"}).out,
              AllOf(HasSubstr("5 points"), HasSubstr("3584 Cosine")));
}

TEST_F(CollectionTest, InfoFindsTextsAndModels) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs, 32);
  Upsert(docs, RichPoints(10, 32));
  const json info = coderank_.RunJson({"collection", "info", docs, "--json"});
  ASSERT_TRUE(info.is_object());
  EXPECT_EQ(info["texts"][0]["key"], "text");
  EXPECT_EQ(info["models"], json::array({"tiny"}));
  const ProcessResult missing = coderank_.Run({"collection", "info", server_->Name("none")});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("no collection"), HasSubstr(docs)));
}

TEST_F(CollectionTest, AServerHasToBeNamed) {
  coderank_.environment()["QDRANT_URL"] = "";
  const ProcessResult unnamed = coderank_.Run({"collection", "list"});
  EXPECT_EQ(unnamed.exit_code, 2);
  EXPECT_THAT(unnamed.err, AllOf(HasSubstr("--url"), HasSubstr("QDRANT_URL")));
  EXPECT_EQ(coderank_.Run({"collection", "list", "--url", server_->url()}).exit_code,
            server_->real() ? 0 : 1);
  coderank_.Write("../home/.config/coderank/config.toml",
                  "[qdrant]\nurl = \"" + server_->url() + "\"\n");
  EXPECT_NE(coderank_.Run({"collection", "list"}).exit_code, 2);
}

TEST_F(CollectionTest, MigrationKeepsIdsAndPayloads) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs);
  json points = RichPoints(150);
  points.push_back({{"id", 1000}, {"vector", Vector(48, 1)}, {"payload", {{"other", "no text"}}}});
  points.push_back({{"id", 1001}, {"vector", Vector(48, 2)}, {"payload", json::object()}});
  Upsert(docs, points);
  server_->Result("PUT", "/collections/" + docs + "/index?wait=true",
                  {{"field_name", "title"}, {"field_schema", "keyword"}});
  const ProcessResult migrated = Migrate({docs, "--json"});
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  const json report = json::parse(migrated.out)["migrations"][0];
  const std::string target = docs + "__tiny";
  EXPECT_EQ(report["target"], target);
  EXPECT_EQ(report["text_key"], "text");
  EXPECT_EQ(report["points"], 152);
  EXPECT_EQ(report["written"], 152);
  EXPECT_EQ(report["without_text"], 2);
  EXPECT_EQ(report["passes"], 2) << "one that copies, one that finds no difference";
  EXPECT_GT(report["verified"], 10);
  ExpectMigrated(docs, target);
  const json info = server_->Result("GET", "/collections/" + target);
  EXPECT_EQ(info["config"]["quantization_config"]["binary"]["always_ram"], true);
  EXPECT_EQ(info["config"]["quantization_config"]["binary"]["query_encoding"], "scalar8bits");
  EXPECT_EQ(info["config"]["params"]["vectors"]["on_disk"], true);
  EXPECT_GT(info["config"]["optimizer_config"]["indexing_threshold"], 0) << "was off while loading";
  EXPECT_TRUE(info["payload_schema"].contains("title"));
  EXPECT_EQ(coderank_.Run({"collection", "verify", target}).exit_code, 0);

  const ProcessResult again = Migrate({docs, "--json"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["migrations"][0]["written"], 0);
}

TEST_F(CollectionTest, WhatChangedIsCopiedByTheNextRun) {
  const std::string docs = server_->Name("docs");
  const std::string target = docs + "__tiny";
  MakeCollection(docs);
  Upsert(docs, RichPoints(20));
  ASSERT_EQ(Migrate({docs}).exit_code, 0);
  json changed = RichPoint(4);
  changed["payload"]["text"] = "another text altogether";
  Upsert(docs, json::array({changed, RichPoint(100)}));
  const ProcessResult second = Migrate({docs, "--json"});
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(json::parse(second.out)["migrations"][0]["written"], 2);
  ExpectMigrated(docs, target);

  server_->Result("POST", "/collections/" + docs + "/points/delete?wait=true",
                  {{"points", {changed["id"]}}});
  const ProcessResult lost = Migrate({docs});
  EXPECT_EQ(lost.exit_code, 2) << "nothing is deleted unasked";
  EXPECT_THAT(lost.err, HasSubstr("--prune"));
  EXPECT_EQ(Migrate({docs, "--prune"}).exit_code, 0);
  ExpectMigrated(docs, target);
}

TEST_F(CollectionTest, DryRunWritesNothing) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs);
  Upsert(docs, RichPoints(20));
  const ProcessResult dry = Migrate({docs, "--dry-run", "--take-name", "--json"});
  ASSERT_EQ(dry.exit_code, 0) << dry.err;
  const json report = json::parse(dry.out)["migrations"][0];
  EXPECT_EQ(report["points"], 20);
  EXPECT_GT(report["estimated_seconds"], 0);
  EXPECT_FALSE(server_->Has(docs + "__tiny"));
}

TEST_F(CollectionTest, SeveralAtOnceAndTextsAtNamedKeys) {
  const std::string a = server_->Name("a");
  const std::string b = server_->Name("b");
  MakeCollection(a);
  MakeCollection(b);
  Upsert(a, RichPoints(10));
  Upsert(b, RichPoints(12));
  const ProcessResult both = Migrate({a, b, "--text-key", "title", "--json"});
  ASSERT_EQ(both.exit_code, 0) << both.err;
  const json reports = json::parse(both.out)["migrations"];
  EXPECT_EQ(reports[0]["text_key"], "title");
  EXPECT_EQ(reports[1]["points"], 12);
  const ProcessResult other = Migrate({a, "--text-key", "text"});
  EXPECT_EQ(other.exit_code, 2) << "made of other texts";
  EXPECT_THAT(other.err, HasSubstr("texts at title"));
}

TEST_F(CollectionTest, ACollectionOfOthersIsNotWrittenTo) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs);
  Upsert(docs, RichPoints(3));
  MakeCollection(docs + "__tiny", 32);
  const ProcessResult refused = Migrate({docs});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("no migration made it"));
  EXPECT_TRUE(server_->Points(docs + "__tiny").empty());
}

TEST_F(CollectionTest, TheNameIsTakenFromACollectionAndGivenBack) {
  const std::string docs = server_->Name("docs");
  const std::string target = docs + "__tiny";
  MakeCollection(docs);
  Upsert(docs, RichPoints(30));
  const auto before = server_->Points(docs);
  const ProcessResult taken = Migrate({docs, "--take-name", "--json"});
  ASSERT_EQ(taken.exit_code, 0) << taken.err;
  const json report = json::parse(taken.out)["migrations"][0];
  EXPECT_EQ(report["took_name"], true);
  EXPECT_TRUE(std::filesystem::exists(report["snapshot"].get<std::string>()));
  EXPECT_EQ(server_->Aliases()[docs], target);
  EXPECT_FALSE(server_->Has(docs));
  EXPECT_EQ(server_->Points(docs).size(), 30U) << "through the alias";
  EXPECT_EQ(Migrate({docs, "--take-name"}).exit_code, 0) << "is done already";

  const ProcessResult back = coderank_.Run({"collection", "rollback", docs});
  ASSERT_EQ(back.exit_code, 0) << back.err;
  EXPECT_TRUE(server_->Has(docs));
  ExpectSamePoints(server_->Points(docs), before);
  EXPECT_TRUE(server_->Has(target)) << "stays";
  EXPECT_EQ(coderank_.Run({"collection", "rollback", docs}).exit_code, 2);
}

TEST_F(CollectionTest, ACollectionWithAliasesIsNotDeleted) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs);
  Upsert(docs, RichPoints(5));
  server_->Result(
      "POST", "/collections/aliases",
      {{"actions",
        {{{"create_alias", {{"collection_name", docs}, {"alias_name", docs + "-other"}}}}}}});
  const ProcessResult refused = Migrate({docs, "--take-name"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("has the alias " + docs + "-other"));
  EXPECT_TRUE(server_->Has(docs));
}

TEST_F(CollectionTest, AnAliasIsMovedAndMovedBack) {
  const std::string old = server_->Name("old");
  const std::string name = server_->Name("current");
  MakeCollection(old);
  Upsert(old, RichPoints(30));
  server_->Result(
      "POST", "/collections/aliases",
      {{"actions", {{{"create_alias", {{"collection_name", old}, {"alias_name", name}}}}}}});
  ASSERT_EQ(Migrate({name}).exit_code, 0);
  EXPECT_EQ(server_->Aliases()[name], old) << "stays without --take-name";
  const ProcessResult moved = Migrate({name, "--take-name"});
  ASSERT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_EQ(server_->Aliases()[name], name + "__tiny");
  ExpectMigrated(old, name + "__tiny");
  ASSERT_EQ(coderank_.Run({"collection", "rollback", name}).exit_code, 0);
  EXPECT_EQ(server_->Aliases()[name], old);
}

TEST_F(CollectionTest, CutTextsAreCounted) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs);
  std::string longer = "word";
  for (int i = 0; i < 2000; ++i) longer += " word";
  json points = RichPoints(20);
  points[7]["payload"]["text"] = longer;
  Upsert(docs, points);
  const ProcessResult migrated = Migrate({docs, "--json"});
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  EXPECT_EQ(json::parse(migrated.out)["migrations"][0]["truncated"], 1);
  EXPECT_THAT(migrated.err, AllOf(HasSubstr("1 of 20 texts"), HasSubstr("5.0 %")));
  const json again = json::parse(Migrate({docs, "--json"}).out);
  EXPECT_EQ(again["migrations"][0]["truncated"], 1) << "though nothing was embedded";
}

TEST_F(CollectionTest, WhatIsCutOffBecomesFurtherPoints) {
  const std::string docs = server_->Name("docs");
  const std::string target = docs + "__tiny";
  MakeCollection(docs);
  std::string longer = "start";
  for (int i = 0; i < 1500; ++i) longer += " word";
  json points = RichPoints(20);
  points[7]["payload"]["text"] = longer + " needle";
  Upsert(docs, points);
  const auto payloads = Payloads(docs);
  const ProcessResult migrated = Migrate({docs, "--split", "--json"});
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  const json report = json::parse(migrated.out)["migrations"][0];
  EXPECT_EQ(report["points"], 20);
  EXPECT_GT(report["parts"], 0);
  auto all = Payloads(target);
  EXPECT_EQ(all.size(), 20 + report["parts"].get<size_t>());
  size_t with_needle = 0;
  for (const auto& [id, payload] : all) {
    if (!payload.contains("coderank_parent")) {
      EXPECT_EQ(payload, payloads.at(id));
      continue;
    }
    EXPECT_EQ(payload["title"], points[7]["payload"]["title"]);
    with_needle += payload["text"].get<std::string>().ends_with(" needle") ? 1U : 0U;
  }
  EXPECT_EQ(with_needle, 1U);
  ExpectVectorsOfModel(target);
  EXPECT_EQ(Migrate({docs}).exit_code, 2) << "was made with --split";

  points[7]["payload"]["text"] = "short again";
  Upsert(docs, json::array({points[7]}));
  const ProcessResult again = Migrate({docs, "--split", "--json"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["migrations"][0]["parts"], 0);
  ExpectMigrated(docs, target);
}

TEST_F(CollectionTest, VectorsOfAnotherMachineMakeTheMigration) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs);
  json points = RichPoints(30);
  points[1]["payload"]["text"] = points[0]["payload"]["text"];
  Upsert(docs, points);
  const ProcessResult exported =
      coderank_.Run({"collection", "export", docs, "../texts", "--json"});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_EQ(json::parse(exported.out)["texts"], 29) << "each once";
  EXPECT_EQ(coderank_.Run({"collection", "export", docs, "../texts"}).exit_code, 2)
      << "is not overwritten";

  std::ifstream texts(coderank_.world() / "texts");
  std::string line;
  std::getline(texts, line);
  std::vector<json> lines = {{{"format", "coderank-vectors"},
                              {"version", 1},
                              {"fingerprint", json::parse(line)["fingerprint"]}}};
  std::vector<std::string> plain;
  while (std::getline(texts, line)) {
    lines.push_back({{"sha256", json::parse(line)["sha256"]}});
    plain.push_back(json::parse(line)["text"]);
  }
  const std::vector<json> vectors = coderank_.VectorsOf(plain, {"--precision", "f32"});
  std::string content = lines[0].dump() + "\n";
  for (size_t i = 1; i < lines.size(); ++i) {
    lines[i]["vector"] = vectors[i - 1];
    content += lines[i].dump() + "\n";
  }
  coderank_.Write("../vectors", content);
  const ProcessResult imported = coderank_.Run({"collection", "import", "../vectors", "--json"});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_EQ(json::parse(imported.out)["vectors"], 29);
  const ProcessResult migrated = Migrate({docs, "--precision", "f32", "--json"});
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  const json report = json::parse(migrated.out)["migrations"][0];
  EXPECT_EQ(report["embedded"], 0) << "all came from there";
  EXPECT_EQ(report["from_cache"], 30);
  ExpectMigrated(docs, docs + "__tiny");

  coderank_.Write("../wrong",
                  lines[0].dump() + "\n" + lines[1].dump() + "\n" + lines[1].dump() + "\n");
  EXPECT_EQ(coderank_.Run({"collection", "import", "../wrong"}).exit_code, 2) << "twice";
}

TEST_F(CollectionTest, VerifyTellsAnotherModelsVectors) {
  const std::string docs = server_->Name("docs");
  MakeCollection(docs, 32);
  Upsert(docs, RichPoints(30, 32));
  const ProcessResult verified = coderank_.Run({"collection", "verify", docs, "--json"});
  EXPECT_EQ(verified.exit_code, 1) << verified.err;
  const json report = json::parse(verified.out);
  EXPECT_EQ(report["ok"], false);
  EXPECT_EQ(report["model"], "tiny") << "the only one of that size";
  EXPECT_LT(report["least_cosine"], 0.9);
  MakeCollection(server_->Name("large"), 48);
  const ProcessResult none = coderank_.Run({"collection", "verify", server_->Name("large")});
  EXPECT_EQ(none.exit_code, 2);
}

}  // namespace
}  // namespace coderank
