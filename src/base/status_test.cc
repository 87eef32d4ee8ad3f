#include "coderank/status.h"

#include <gtest/gtest.h>

#include <set>

#include "base/try.h"

namespace coderank {
namespace {

constexpr StatusCode kErrors[] = {
    StatusCode::kInvalidArgument, StatusCode::kNotFound,           StatusCode::kPermissionDenied,
    StatusCode::kCorrupt,         StatusCode::kFailedPrecondition, StatusCode::kResourceExhausted,
    StatusCode::kUnavailable,     StatusCode::kCancelled,
};

TEST(StatusTest, EveryErrorHasItsOwnNameAndMappings) {
  std::set<std::string_view> names;
  std::set<int> http;
  std::set<int> mcp;
  for (const StatusCode code : kErrors) {
    names.insert(StatusCodeName(code));
    http.insert(HttpStatus(code));
    mcp.insert(McpErrorCode(code));
    EXPECT_GE(HttpStatus(code), 400);
    EXPECT_LT(McpErrorCode(code), 0);
  }
  EXPECT_EQ(names.size(), std::size(kErrors));
  EXPECT_EQ(http.size(), std::size(kErrors));
  EXPECT_EQ(mcp.size(), std::size(kErrors));
}

TEST(StatusTest, ContextKeepsTheCode) {
  const Status status = Corrupt("bad magic").WithContext("model.safetensors");
  EXPECT_EQ(status.code(), StatusCode::kCorrupt);
  EXPECT_EQ(status.message(), "model.safetensors: bad magic");
  EXPECT_TRUE(OkStatus().WithContext("x").message().empty());
}

Result<int> Half(int value) {
  if (value % 2 != 0) return InvalidArgument("odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  CODERANK_ASSIGN(const int half, Half(value));
  CODERANK_ASSIGN(const int quarter, Half(half));
  return quarter;
}

TEST(ResultTest, AssignReturnsTheFirstError) {
  EXPECT_EQ(*Quarter(8), 2);
  ASSERT_FALSE(Quarter(6).has_value());
  EXPECT_EQ(Quarter(6).error().message(), "odd");
}

}  // namespace
}  // namespace coderank
