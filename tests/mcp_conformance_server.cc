// A server of the product's protocol layer with the tools that the conformance suite of the
// protocol asks for. Prints its address and serves until its input ends;
// scripts/check_mcp_conformance runs it.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "http/server.h"
#include "server/serving/mcp_routes.h"

namespace {

using coderank::server::Json;
namespace http = coderank::http;
namespace mcp = coderank::server::mcp;

// A red pixel, and no sound.
constexpr const char* kPng =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg"
    "==";
constexpr const char* kWav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA=";

using Answer = std::function<mcp::ToolResult(const mcp::ToolContext&)>;

class FixedTool : public mcp::Tool {
 public:
  FixedTool(std::string name, Answer answer, Json schema = {{"type", "object"}})
      : name_(std::move(name)),
        answer_(std::move(answer)),
        description_({{"name", name_},
                      {"description", "Of the conformance suite"},
                      {"inputSchema", std::move(schema)}}) {}
  const std::string& name() const override { return name_; }
  const Json& description() const override { return description_; }
  mcp::ToolResult Call(const mcp::Input&, const mcp::ToolContext& context) const override {
    return answer_(context);
  }

 private:
  const std::string name_;
  const Answer answer_;
  const Json description_;
};

Json Resource(const char* uri, const char* type, const char* text) {
  return {{"type", "resource"}, {"resource", {{"uri", uri}, {"mimeType", type}, {"text", text}}}};
}

Json Media(const char* kind, const char* data, const char* type) {
  return {{"type", kind}, {"data", data}, {"mimeType", type}};
}

Answer Content(Json blocks) {
  return [blocks = std::move(blocks)](const mcp::ToolContext&) {
    mcp::ToolResult result;
    result.content = blocks;
    return result;
  };
}

mcp::ToolResult WithProgress(const mcp::ToolContext& context) {
  for (const double done : {0, 50, 100}) {
    if (context.progress) context.progress({.done = done, .total = 100, .message = {}});
    if (done < 100) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return mcp::TextResult("done");
}

Json SchemaOf202012() {
  return {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"type", "object"},
      {"$defs",
       {{"address",
         {{"type", "object"},
          {"properties", {{"street", {{"type", "string"}}}, {"city", {{"type", "string"}}}}}}}}},
      {"properties", {{"name", {{"type", "string"}}}, {"address", {{"$ref", "#/$defs/address"}}}}},
      {"additionalProperties", false}};
}

mcp::ToolSet SuiteTools() {
  const Json text = {{"type", "text"}, {"text", "This is a simple text response for testing."}};
  const Json image = Media("image", kPng, "image/png");
  mcp::ToolSet tools;
  const auto add = [&tools](const char* name, Answer answer, Json schema = {{"type", "object"}}) {
    tools.push_back(std::make_unique<FixedTool>(name, std::move(answer), std::move(schema)));
  };
  add("test_simple_text", Content({text}));
  add("test_image_content", Content({image}));
  add("test_audio_content", Content({Media("audio", kWav, "audio/wav")}));
  add("test_embedded_resource", Content({Resource("test://embedded-resource", "text/plain",
                                                  "This is an embedded resource content.")}));
  add("test_multiple_content_types",
      Content(
          {text, image,
           Resource("test://mixed-content-resource", "application/json", "{\"test\":\"data\"}")}));
  add("test_error_handling", [](const mcp::ToolContext&) {
    return mcp::ErrorResult("This tool intentionally returns an error for testing");
  });
  add("test_tool_with_progress", WithProgress);
  add("json_schema_2020_12_tool", Content({text}), SchemaOf202012());
  return tools;
}

}  // namespace

int main() {
  coderank::server::McpRoutes routes(
      {.name = "conformance", .title = "Conformance", .version = "1", .instructions = "Tests."},
      SuiteTools());
  http::Router router;
  routes.Add(router);
  http::Server server({}, [](const std::string&, int, double) {});
  const auto bound = server.ListenTcp({.host = "127.0.0.1", .port = 0}, {}, std::move(router),
                                      {.token = {}, .host_names = {}});
  if (!bound) {
    std::fprintf(stderr, "%s\n", bound.error().message().c_str());
    return 2;
  }
  server.Start();
  std::printf("http://127.0.0.1:%u/mcp\n", bound->port);
  std::fflush(stdout);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  server.Stop(std::chrono::seconds(1));
  return 0;
}
