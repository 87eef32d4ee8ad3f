// Any bytes as a message, before and after initialize: an error or an answer, each of them JSON in
// one line. Tools are called for real, on a service that has nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "server/mcp/coderank_tools.h"
#include "server/mcp/session.h"
#include "server/mcp/session_testing.h"

namespace {

namespace mcp = coderank::server::mcp;

void Require(bool condition) {
  if (!condition) std::abort();
}

// Sinks parse what they are given, and throw where it is no JSON.
void Receive(mcp::Server& server, std::string_view text, std::string_view revision) {
  const auto session = std::make_shared<mcp::Session>(server, mcp::Transport::kStdio);
  if (!revision.empty()) {
    const auto opened = std::make_shared<mcp::CollectingSink>();
    session->Receive(mcp::Input({{"jsonrpc", "2.0"},
                                 {"id", 0},
                                 {"method", "initialize"},
                                 {"params", {{"protocolVersion", revision}}}}),
                     opened);
    Require(opened->Wait().contains("result"));
  }
  const auto sink = std::make_shared<mcp::CollectingSink>();
  if (session->ReceiveText(text, sink)) static_cast<void>(sink->Wait());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static mcp::FakeService service;
  static mcp::Server server(mcp::CoderankInfo("/tree"), mcp::CoderankTools(service));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view revision : {"", "2025-03-26", "2025-11-25"}) {
    Receive(server, text, revision);
  }
  return 0;
}
