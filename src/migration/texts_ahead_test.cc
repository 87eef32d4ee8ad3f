#include "migration/texts_ahead.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coderank {
namespace {

using qdrant::Json;
using qdrant::Point;
using qdrant::PointId;

std::vector<Point> PointsOf(const std::vector<std::string>& texts) {
  std::vector<Point> points;
  for (const std::string& text : texts) {
    Json payload = text.empty() ? Json::object() : Json({{"text", text}});
    points.push_back({.id = PointId(points.size()), .payload = std::move(payload), .vector = {}});
  }
  return points;
}

TEST(TextsAheadTest, WhatTheSampleHasStandsForTheRest) {
  const auto sample = PointsOf({"aa", "", "bbbb", "cccccc"});
  const TextsAhead all = CountTextsAhead(sample, "text", 1000);
  EXPECT_EQ(all.texts, 750U);
  EXPECT_EQ(all.bytes, 3000U);
  EXPECT_EQ(all.seconds, 0);
  EXPECT_EQ(CountTextsAhead(sample, "text", 0).texts, 0U) << "nothing is left";
  EXPECT_EQ(CountTextsAhead(sample, "other", 1000).texts, 0U);
  EXPECT_EQ(CountTextsAhead({}, "text", 0).bytes, 0U);
}

}  // namespace
}  // namespace coderank
