#include "migration/optimising.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/strings.h"
#include "support/http_server.h"

namespace coderank {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::HttpServer;
using testing::ServedConnection;
using testing::ServedRequest;

constexpr std::chrono::seconds kForever{3600};
constexpr std::chrono::seconds kNotAMoment{0};

// A collection of ten vectors that is being optimised. At every look `indexed` goes on by `step`;
// it is ready when all ten are indexed.
class OptimisingServer {
 public:
  explicit OptimisingServer(int step) : step_(step) {}

  qdrant::Client Client() const {
    qdrant::Options options;
    options.url = server_.url();
    return *qdrant::Client::Open(std::move(options));
  }
  size_t looks() const { return server_.requests().size(); }

 private:
  void Describe(ServedConnection& connection) {
    indexed_ += step_;
    connection.Reply(
        200, {},
        StrCat(R"({"result":{"status":")", indexed_ < 10 ? "yellow" : "green",
               R"(","points_count":10,"indexed_vectors_count":)", indexed_,
               R"(,"config":{"params":{"vectors":{"size":4,"distance":"Cosine"}}}}})"));
  }

  const int step_;
  int indexed_ = 0;
  HttpServer server_{[this](const ServedRequest&, ServedConnection& c) { Describe(c); }};
};

TEST(OptimisingTest, AServerThatGetsNoFurtherIsGivenUp) {
  const OptimisingServer server(0);
  auto client = server.Client();
  const Status waited = WaitUntilOptimised(
      client, "docs__tiny", {.patience = kNotAMoment, .label = "docs", .progress = {}});
  EXPECT_EQ(waited.code(), StatusCode::kUnavailable);
  EXPECT_THAT(waited.message(),
              AllOf(HasSubstr("docs__tiny"), HasSubstr("0 of 10 vectors for 0 s")));
}

TEST(OptimisingTest, OneThatGetsOnIsWaitedFor) {
  const OptimisingServer server(4);
  auto client = server.Client();
  std::vector<uint64_t> told;
  const CollectionProgressSink progress = [&](const CollectionProgress& state) {
    EXPECT_EQ(state.collection, "docs");
    EXPECT_EQ(state.total, 10U);
    told.push_back(state.done);
  };
  const Status waited = WaitUntilOptimised(
      client, "docs__tiny", {.patience = kNotAMoment, .label = "docs", .progress = progress});
  EXPECT_TRUE(waited.ok()) << waited.message();
  EXPECT_EQ(told, (std::vector<uint64_t>{4, 8})) << "and the third look finds it ready";
}

TEST(OptimisingTest, WaitingEndsWhenItIsCancelled) {
  const OptimisingServer server(0);
  auto client = server.Client();
  CancellationToken cancel;
  const CollectionProgressSink progress = [&](const CollectionProgress&) { cancel.Cancel(); };
  const Status waited = WaitUntilOptimised(
      client, "docs__tiny",
      {.patience = kForever, .label = "docs", .progress = progress, .cancel = &cancel});
  EXPECT_EQ(waited.code(), StatusCode::kCancelled);
  EXPECT_EQ(server.looks(), 1U);
}

}  // namespace
}  // namespace coderank
