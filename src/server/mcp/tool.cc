#include "server/mcp/tool.h"

#include <utility>

namespace coderank::server::mcp {

ToolResult TextResult(std::string text) {
  ToolResult result;
  result.content.push_back({{"type", "text"}, {"text", std::move(text)}});
  return result;
}

ToolResult ErrorResult(std::string text) {
  ToolResult result = TextResult(std::move(text));
  result.is_error = true;
  return result;
}

}  // namespace coderank::server::mcp
