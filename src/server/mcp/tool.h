// A tool as the protocol sees it. What coderank's tools do is in coderank_tools.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "server/mcp/json_rpc.h"

namespace coderank::server::mcp {

struct ToolProgress {
  double done = 0;
  std::optional<double> total;
  std::string message;
};

struct ToolContext {
  const CancellationToken* cancel = nullptr;          // never null in a call
  std::function<void(const ToolProgress&)> progress;  // empty: the caller does not ask for it
};

struct ToolResult {
  Json content = Json::array();  // content blocks for a model
  Json structured;               // the same for programs, as the output schema says; null: none
  bool is_error = false;         // the model is to read what went wrong, and try otherwise
};

ToolResult TextResult(std::string text);
ToolResult ErrorResult(std::string text);

// Calls come from any thread, several at once.
class Tool {
 public:
  virtual ~Tool() = default;
  virtual const std::string& name() const = 0;
  // Its entry of tools/list, with all that the newest revision knows.
  virtual const Json& description() const = 0;
  virtual ToolResult Call(const Input& arguments, const ToolContext& context) const = 0;
};

using ToolSet = std::vector<std::unique_ptr<Tool>>;

}  // namespace coderank::server::mcp
