#include "server/mcp/json_rpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coderank::server::mcp {
namespace {

int ErrorOf(const std::string& text) {
  auto document = ParseDocument(text);
  if (const auto* error = std::get_if<RpcError>(&document)) return error->code;
  const auto message = MessageFrom(std::get<Input>(std::move(document)));
  const auto* failure = std::get_if<MessageFailure>(&message);
  return failure == nullptr ? 0 : failure->error.code;
}

Message Parsed(const std::string& text) {
  return std::get<Message>(MessageFrom(std::get<Input>(ParseDocument(text))));
}

TEST(JsonRpcTest, KindsOfMessages) {
  EXPECT_EQ(Parsed(R"({"jsonrpc":"2.0","id":1,"method":"m"})").kind, Message::Kind::kRequest);
  EXPECT_EQ(Parsed(R"({"jsonrpc":"2.0","method":"m"})").kind, Message::Kind::kNotification);
  EXPECT_EQ(Parsed(R"({"jsonrpc":"2.0","id":1,"result":{}})").kind, Message::Kind::kResponse);
  EXPECT_EQ(Parsed(R"({"jsonrpc":"2.0","id":"a","method":"m","params":null})").id, "a");
}

TEST(JsonRpcTest, IdsStayWhatTheyAre) {
  for (const char* id : {"0", "-5", "18446744073709551615", "\"1\"", "\"\"", "\"\\u00e9\""}) {
    const Message message =
        Parsed(std::string(R"({"jsonrpc":"2.0","method":"m","id":)") + id + "}");
    EXPECT_EQ(Input::parse(message.id.dump()), Input::parse(id));
  }
}

TEST(JsonRpcTest, WhatIsNoMessage) {
  EXPECT_EQ(ErrorOf(""), kParseError);
  EXPECT_EQ(ErrorOf("{"), kParseError);
  EXPECT_EQ(ErrorOf("{} {}"), kParseError);
  EXPECT_EQ(ErrorOf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}"), kParseError);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1e999,"method":"m"})"), kParseError);
  EXPECT_EQ(ErrorOf("7"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"id":1,"method":"m"})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"1.0","id":1,"method":"m"})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":2})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":null,"method":"m"})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1.5,"method":"m"})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":{},"method":"m"})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":"m","params":"x"})"), kInvalidRequest);
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":"m","params":[]})"), kInvalidParams);
}

TEST(JsonRpcTest, TheIdOfAWrongRequestIsAnswered) {
  const auto failed = MessageFrom(Input::parse(R"({"id":7,"method":"m"})"));
  EXPECT_EQ(std::get<MessageFailure>(failed).id, 7);
}

TEST(JsonRpcTest, DepthAndSizeAreBounded) {
  const auto nested = [](size_t depth) {
    return R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"x":)" + std::string(depth - 2, '[') +
           std::string(depth - 2, ']') + "}}";
  };
  EXPECT_EQ(ErrorOf(nested(kMostDepth)), 0);
  EXPECT_EQ(ErrorOf(nested(kMostDepth + 1)), kParseError);
  EXPECT_EQ(ErrorOf(std::string(kMostMessageBytes, '[')), kParseError);
  const auto brackets_in_text = [](const std::string& text) {
    return R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"x":")" + text + R"("}})";
  };
  EXPECT_EQ(ErrorOf(brackets_in_text(std::string(kMostDepth * 2, '['))), 0);
  EXPECT_EQ(ErrorOf(brackets_in_text("\\\"" + std::string(kMostDepth * 2, '['))), 0);
  EXPECT_EQ(ErrorOf(brackets_in_text(std::string(kMostMessageBytes, 'x'))), kParseError);
}

TEST(JsonRpcTest, AnswersAreOneLineOfValidText) {
  const std::string text = ResponseText(3, {{"name", "a\nb\xff"}});
  EXPECT_EQ(text, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"name\":\"a\\nb\xEF\xBF\xBD\"}}");
  EXPECT_EQ(ErrorText(nullptr, {.code = -1, .message = "m"}),
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"m"}})");
  EXPECT_EQ(NotificationText("n", {{"a", 1}}),
            R"({"jsonrpc":"2.0","method":"n","params":{"a":1}})");
}

}  // namespace
}  // namespace coderank::server::mcp
