#include "remote/rate_limit.h"

#include <gtest/gtest.h>

namespace coderank::remote {
namespace {

using std::chrono::milliseconds;

TEST(RateLimitTest, ReadsTimesAsServicesWriteThem) {
  EXPECT_EQ(ParseResetTime("20"), milliseconds(20'000));
  EXPECT_EQ(ParseResetTime("0.5"), milliseconds(500));
  EXPECT_EQ(ParseResetTime("12ms"), milliseconds(12));
  EXPECT_EQ(ParseResetTime("1s"), milliseconds(1'000));
  EXPECT_EQ(ParseResetTime("6m0s"), milliseconds(360'000));
  EXPECT_EQ(ParseResetTime("1h2m3.5s"), milliseconds(3'723'500));
  EXPECT_EQ(ParseResetTime("1m30ms"), milliseconds(60'030));
  for (const char* text : {"", "s", "1s2m", "1x", "-1", "1m2", "nan", "inf", "1 s", "1s "}) {
    EXPECT_EQ(ParseResetTime(text), std::nullopt) << text;
  }
}

TEST(RateLimitTest, WaitsWhereTheNextRequestWouldBeRefused) {
  RateLimit limit;
  const auto now = RateLimit::Clock::now();
  EXPECT_EQ(limit.Reserve(1'000'000, now), milliseconds(0)) << "nothing is known yet";
  limit.Note({{"remaining-tokens", "1000"},
              {"reset-tokens", "4s"},
              {"remaining-requests", "2"},
              {"reset-requests", "9s"}},
             now);
  EXPECT_EQ(limit.Reserve(600, now), milliseconds(0));
  EXPECT_EQ(limit.Reserve(600, now), milliseconds(4'000)) << "400 tokens are left";
  EXPECT_EQ(limit.Reserve(1, now), milliseconds(9'000)) << "both requests are made";
  EXPECT_EQ(limit.Reserve(600, now + std::chrono::seconds(5)), milliseconds(4'000));
  EXPECT_EQ(limit.Reserve(600, now + std::chrono::seconds(9)), milliseconds(0));
}

TEST(RateLimitTest, UnreadableHeadersSayNothing) {
  RateLimit limit;
  const auto now = RateLimit::Clock::now();
  limit.Note({{"remaining-tokens", "few"}, {"reset-tokens", "4s"}}, now);
  limit.Note({{"remaining-requests", "0"}}, now);
  limit.Note({{"remaining-requests", "0"}, {"reset-requests", "soon"}}, now);
  EXPECT_EQ(limit.Reserve(1, now), milliseconds(0));
  limit.Note({{"remaining-requests", "0"}, {"reset-requests", "40h"}}, now);
  EXPECT_EQ(limit.Reserve(1, now), std::chrono::minutes(2)) << "and nobody is waited for for days";
}

}  // namespace
}  // namespace coderank::remote
