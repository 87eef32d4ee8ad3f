#include "qdrant/point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace coderank::qdrant {
namespace {

PointId Id(const Json& json) { return *PointId::FromJson(json); }

TEST(PointIdTest, NumbersComeBeforeUuids) {
  std::vector<PointId> ids = {Id("f0000000-0000-0000-0000-000000000000"), Id(10U),
                              Id("00000000-0000-0000-0000-00000000000a"), Id(9U)};
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids[0].text(), "9");
  EXPECT_EQ(ids[1].text(), "10");
  EXPECT_EQ(ids[2].text(), "00000000-0000-0000-0000-00000000000a");
}

TEST(PointIdTest, UuidsAreOneHoweverTheyAreWritten) {
  const PointId id = Id("936DA01F-9ABD-4d9d-80C7-02AF85C822A8");
  EXPECT_EQ(id.text(), "936da01f-9abd-4d9d-80c7-02af85c822a8");
  EXPECT_EQ(id, Id("936da01f9abd4d9d80c702af85c822a8"));
  EXPECT_EQ(id, Id("urn:uuid:936da01f-9abd-4d9d-80c7-02af85c822a8"));
}

TEST(PointIdTest, RefusesWhatIsNoId) {
  for (const Json& json : {Json(-1), Json(1.5), Json("abc"), Json(), Json::array(), Json(""),
                           Json("936da01f-9abd-4d9d-80c7-02af85c822a8a")}) {
    EXPECT_FALSE(PointId::FromJson(json)) << json;
  }
}

TEST(PointIdTest, OfNameIsAUuidOfItsOwn) {
  const PointId id = PointId::OfName("a.cc:1");
  EXPECT_EQ(id, Id(id.text()));
  EXPECT_EQ(id.text()[14], '8') << "version";
  EXPECT_THAT(std::string("89ab"), ::testing::HasSubstr(std::string(1, id.text()[19])));
  EXPECT_EQ(id, PointId::OfName("a.cc:1"));
  EXPECT_NE(id, PointId::OfName("a.cc:2"));
}

TEST(PointTest, ComesBackAsItWasSent) {
  Point point{.id = Id(7U),
              .payload = {{"text", "quote \" and \u00e9"},
                          {"big", 18446744073709551615U},
                          {"real", 0.1},
                          {"list", {1, {{"deep", nullptr}}}}},
              .vector = {0.1F, -3e-20F, std::numeric_limits<float>::max(), 0.0F}};
  for (const std::string name : {"", "fast-model"}) {
    auto json = ParseBoundedJson(UpsertText(point, name));
    ASSERT_TRUE(json) << json.error().message();
    const auto again = PointFromJson(*json, name);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->id, point.id);
    EXPECT_EQ(again->payload, point.payload);
    EXPECT_EQ(again->vector, point.vector) << "every bit of it";
  }
}

TEST(PointTest, RefusesVectorsThatAreNone) {
  for (const char* vector : {"[\"a\"]", "[1e39]", "7", "[[1,2]]"}) {
    auto json = *ParseBoundedJson(std::string("{\"id\":1,\"vector\":") + vector + "}");
    EXPECT_FALSE(PointFromJson(json, "")) << vector;
  }
}

TEST(PayloadTest, PathsLeadThroughObjects) {
  const Json payload = {{"a", {{"b", {{"c", "deep"}}}}}, {"a.b", "dotted"}, {"x", 1}};
  EXPECT_EQ(AtPath(payload, "a.b"), "dotted");
  EXPECT_EQ(AtPath(payload, "a.b.c"), "deep");
  EXPECT_TRUE(AtPath(payload, "x.y").is_null());
}

}  // namespace
}  // namespace coderank::qdrant
