#include "syntax/worker_protocol.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

std::string_view BodyOf(const std::string& frame) {
  return std::string_view(frame).substr(kFrameHeaderBytes);
}

Outline Example() {
  Outline outline;
  outline.definitions = {{.start = 1,
                          .end = 90,
                          .name_start = 5,
                          .signature_end = 20,
                          .role = DefinitionRole::kMember,
                          .kind = "field",
                          .name = "größe",
                          .scope = "a.b"}};
  outline.attached = {{.start = 2, .end = 3}};
  outline.depths = {0, 7, 255};
  return outline;
}

TEST(WorkerProtocolTest, OutlinesArriveAsSent) {
  const std::string frame = EncodeOutline(Example());
  ASSERT_EQ(*DecodeFrameHeader(frame.substr(0, kFrameHeaderBytes)), BodyOf(frame).size());
  const auto reply = DecodeReply(BodyOf(frame));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->failure, "");
  ASSERT_EQ(reply->outline.definitions.size(), 1U);
  const Definition& definition = reply->outline.definitions.front();
  EXPECT_EQ(definition.start, 1U);
  EXPECT_EQ(definition.end, 90U);
  EXPECT_EQ(definition.name_start, 5U);
  EXPECT_EQ(definition.signature_end, 20U);
  EXPECT_EQ(definition.role, DefinitionRole::kMember);
  EXPECT_EQ(definition.kind, "field");
  EXPECT_EQ(definition.name, "größe");
  EXPECT_EQ(definition.scope, "a.b");
  ASSERT_EQ(reply->outline.attached.size(), 1U);
  EXPECT_EQ(reply->outline.attached.front().end, 3U);
  EXPECT_EQ(reply->outline.depths, (std::vector<uint8_t>{0, 7, 255}));
}

TEST(WorkerProtocolTest, RequestsAndFailuresArriveAsSent) {
  const std::string request = EncodeRequest({.language = "go", .text = "package a"});
  const auto decoded = DecodeRequest(BodyOf(request));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->language, "go");
  EXPECT_EQ(decoded->text, "package a");
  const auto reply = DecodeReply(BodyOf(EncodeFailure("no")));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->failure, "no");
}

TEST(WorkerProtocolTest, DamagedRepliesAreErrors) {
  const std::string frame = EncodeOutline(Example());
  const std::string_view body = BodyOf(frame);
  for (size_t end = 0; end < body.size(); ++end) {
    EXPECT_FALSE(DecodeReply(body.substr(0, end))) << end;
  }
  EXPECT_FALSE(DecodeReply(std::string(body) + "x"));
  EXPECT_FALSE(DecodeReply("\x02"));
  std::string many(body);
  many.replace(1, 4, "\xFF\xFF\xFF\xFF");  // four billion definitions
  EXPECT_FALSE(DecodeReply(many));
  std::string role(body);
  role[1 + 4 + 16] = 9;
  EXPECT_FALSE(DecodeReply(role));
  EXPECT_FALSE(DecodeFrameHeader("\xFF\xFF\xFF\xFF"));
}

TEST(WorkerProtocolTest, NamesAreMadeValid) {
  Outline outline = Example();
  outline.definitions.front().name = "\xFF";
  const auto reply = DecodeReply(BodyOf(EncodeOutline(outline)));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->outline.definitions.front().name, "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace coderank
