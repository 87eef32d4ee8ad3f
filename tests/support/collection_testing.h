// What the tests of collections share: a server, the program, and collections as other programs
// make them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "support/coderank_runner.h"
#include "support/qdrant_server.h"

namespace coderank::testing {

class CollectionTest : public ::testing::Test {
 protected:
  using json = nlohmann::json;

  void SetUp() override {
    if (const std::string reason = QdrantServer::WhyNot(); !reason.empty()) GTEST_SKIP() << reason;
    Start({});
  }

  void Start(const std::vector<std::string>& arguments) {
    server_ = std::make_unique<QdrantServer>(arguments);
    coderank_.environment()["QDRANT_URL"] = server_->url();
    ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  }

  // A collection of vectors of a model that nobody has any more.
  void MakeCollection(const std::string& name, size_t dimension = 48,
                      const json& extra = json::object()) {
    server_->Create(name, {{"size", dimension}, {"distance", "Cosine"}}, extra);
  }

  void Upsert(const std::string& name, const json& points) { server_->Upsert(name, points); }

  static json Vector(size_t dimension, size_t seed) {
    std::vector<double> vector(dimension);
    for (size_t i = 0; i < dimension; ++i) {
      vector[i] = std::sin(static_cast<double>(i * 37 + seed * 101 + 1));
    }
    return vector;
  }

  // Number and UUID by turns, payloads as rich as they come.
  static json RichPoint(size_t i, size_t dimension = 48) {
    std::array<char, 40> uuid{};
    std::snprintf(uuid.data(), uuid.size(), "5c56c793-69f3-4fbf-87e6-%012zx", i * 7919);
    json payload = {{"text", "document number " + std::to_string(i) + " about topic " +
                                 std::to_string(i * 7919 % 101)},
                    {"metadata",
                     {{"source", "docs/" + std::to_string(i) + ".md"},
                      {"tags", {"a", "b", nullptr, 1.5}},
                      {"big", 9007199254740993U + i}}},
                    {"title", "T\u00e9st \"quoted\" " + std::to_string(i)},
                    {"flag", i % 2 == 0}};
    if (i % 10 == 3) payload.erase("metadata");
    return {{"id", i % 3 == 0 ? json(i) : json(uuid.data())},
            {"vector", Vector(dimension, i)},
            {"payload", payload}};
  }

  static json RichPoints(size_t count, size_t dimension = 48) {
    json points = json::array();
    for (size_t i = 0; i < count; ++i) points.push_back(RichPoint(i, dimension));
    return points;
  }

  // Id -> payload.
  std::map<std::string, json> Payloads(const std::string& collection) const {
    std::map<std::string, json> payloads;
    for (const json& point : server_->Points(collection)) {
      payloads[point["id"].dump()] = point["payload"];
    }
    return payloads;
  }

  // Vectors within a rounding: a cosine collection normalises what it is given.
  static void ExpectSamePoints(const std::vector<json>& a, const std::vector<json>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i]["id"], b[i]["id"]);
      EXPECT_EQ(a[i]["payload"], b[i]["payload"]);
      const auto left = a[i]["vector"].get<std::vector<double>>();
      const auto right = b[i]["vector"].get<std::vector<double>>();
      ASSERT_EQ(left.size(), right.size());
      for (size_t k = 0; k < left.size(); ++k) ASSERT_NEAR(left[k], right[k], 1e-6);
    }
  }

  // Same ids, same payloads, and every vector the model's.
  void ExpectMigrated(const std::string& source, const std::string& target) {
    EXPECT_EQ(Payloads(source), Payloads(target));
    ExpectVectorsOfModel(target);
  }
  void ExpectVectorsOfModel(const std::string& target) {
    const auto points = server_->Points(target);
    const std::vector<json> vectors = coderank_.VectorsOf(TextsOf(points));
    for (size_t i = 0; i < points.size(); ++i) {
      const json& point = points[i];
      if (TextOf(point).empty()) continue;
      const auto expected = vectors[i].get<std::vector<double>>();
      const auto found = point["vector"].get<std::vector<double>>();
      ASSERT_EQ(found.size(), expected.size());
      double product = 0;
      for (size_t k = 0; k < found.size(); ++k) product += found[k] * expected[k];
      // Both have unit length within the rounding of f16: 2^-11 a number.
      EXPECT_GT(product, 0.999) << point["id"];
    }
  }
  static std::string TextOf(const json& point) { return point["payload"].value("text", ""); }
  static std::vector<std::string> TextsOf(const std::vector<json>& points) {
    std::vector<std::string> texts;
    for (const json& point : points) texts.push_back(TextOf(point));
    return texts;
  }

  ProcessResult Migrate(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"collection", "migrate"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return coderank_.Run(command);
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
  std::unique_ptr<QdrantServer> server_;
};

}  // namespace coderank::testing
