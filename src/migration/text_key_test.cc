#include "migration/text_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coderank {
namespace {

using qdrant::Json;
using qdrant::Point;
using qdrant::PointId;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kProse = "A text that is long enough to be what somebody embedded.";

std::vector<Point> Points(const std::vector<Json>& payloads) {
  std::vector<Point> points;
  for (const Json& payload : payloads) {
    points.push_back({.id = PointId(points.size()), .payload = payload, .vector = {}});
  }
  return points;
}

std::string Chosen(const std::vector<Json>& payloads, const std::string& given = "") {
  const auto key = ChooseTextKey(Points(payloads), given, "docs");
  return key ? *key : "error: " + key.error().message();
}

TEST(TextKeyTest, KnownNamesWinOverLongerTexts) {
  const std::string longer = std::string(kProse) + kProse;
  EXPECT_EQ(Chosen({{{"summary", longer}, {"page_content", kProse}}}), "page_content");
  EXPECT_EQ(Chosen({{{"filePath", longer}, {"codeChunk", kProse}}}), "codeChunk");
  EXPECT_EQ(Chosen({{{"metadata", {{"text", kProse}}}, {"title", longer}}}), "metadata.text");
}

TEST(TextKeyTest, ElseWhatHoldsMostText) {
  EXPECT_EQ(Chosen({{{"abstract", kProse}, {"title", "A title of a document"}}}), "abstract");
}

TEST(TextKeyTest, SparsePayloadsAreNoObstacle) {
  EXPECT_EQ(Chosen({{{"text", kProse}}, Json::object(), {{"text", kProse}, {"extra", 1}}}), "text");
}

TEST(TextKeyTest, LabelsAreNoTexts) {
  EXPECT_THAT(Chosen({{{"type", "metadata"}}}), AllOf(HasSubstr("--text-key"), HasSubstr("type")));
  EXPECT_THAT(Chosen({Json::object()}), HasSubstr("no texts"));
  EXPECT_THAT(Chosen({{{"text", kProse}}, Json::object(), Json::object()}), HasSubstr("--text-key"))
      << "in a third of the points only";
}

TEST(TextKeyTest, WhatIsNamedHasToBeThere) {
  EXPECT_EQ(Chosen({{{"text", kProse}, {"title", "short"}}}, "title"), "title");
  EXPECT_THAT(Chosen({{{"text", kProse}}}, "body"),
              AllOf(HasSubstr("\"body\""), HasSubstr("text")));
}

TEST(TextKeyTest, TextOfAPoint) {
  const auto points = Points({{{"a", {{"b", "deep"}}}, {"n", 7}}});
  EXPECT_EQ(TextOf(points[0], "a.b"), "deep");
  EXPECT_EQ(TextOf(points[0], "n"), "");
  EXPECT_EQ(TextOf(points[0], "missing"), "");
}

}  // namespace
}  // namespace coderank
