#include "ops/requests.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank::ops {
namespace {

Result<RelatedRequest> RelatedTo(const std::string& place) {
  const Operation& operation = *FindOperation("find-related");
  return RelatedRequestFrom(operation, *CheckArguments(operation, {{"place", {place}}}));
}

void ExpectPlace(const std::string& place, const std::string& file, uint32_t line) {
  const auto request = RelatedTo(place);
  ASSERT_TRUE(request) << place << ": " << request.error().message();
  EXPECT_EQ(request->file, file) << place;
  EXPECT_EQ(request->line, line) << place;
}

TEST(RelatedRequestTest, PlacesAreTakenAsSearchPrintsThem) {
  ExpectPlace("src/main.cc:42", "src/main.cc", 42);
  ExpectPlace("src/main.cc:42-57", "src/main.cc", 42);
  ExpectPlace("a:1:2", "a:1", 2);
  ExpectPlace("a-1:2", "a-1", 2);
}

TEST(RelatedRequestTest, ZerosBeforeALineSayNothing) {
  ExpectPlace("a.cc:00000000018706765", "a.cc", 18706765);
  ExpectPlace("a.cc:007-0000000000012", "a.cc", 7);
}

TEST(RelatedRequestTest, OtherTextIsRefused) {
  for (const char* place :
       {"a.cc", "a.cc:", "a.cc:x", ":3", "3", "a.cc:0", "a.cc:000000000000", "a.cc:1234567890"}) {
    const auto request = RelatedTo(place);
    ASSERT_FALSE(request) << place;
    EXPECT_EQ(request.error().code(), StatusCode::kInvalidArgument) << place;
  }
}

}  // namespace
}  // namespace coderank::ops
