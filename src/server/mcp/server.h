// What the sessions of a process share: who answers, its tools, and the threads of its calls.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "server/mcp/call_queue.h"
#include "server/mcp/tool.h"

namespace coderank::server::mcp {

struct ServerInfo {
  std::string name;
  std::string title;
  std::string version;
  std::string instructions;  // tell a model when to use the tools
};

// Outlives its sessions, except for those that only calls still hold. Thread-safe.
class Server {
 public:
  Server(ServerInfo info, ToolSet tools, CallQueue::Limits limits = {})
      : info_(std::move(info)), tools_(std::move(tools)), queue_(limits) {}

  const ServerInfo& info() const { return info_; }
  const ToolSet& tools() const { return tools_; }
  const Tool* FindTool(std::string_view name) const {
    for (const auto& tool : tools_) {
      if (tool->name() == name) return tool.get();
    }
    return nullptr;
  }
  CallQueue& queue() { return queue_; }

 private:
  const ServerInfo info_;
  const ToolSet tools_;
  CallQueue queue_;  // last: its threads use the rest
};

}  // namespace coderank::server::mcp
