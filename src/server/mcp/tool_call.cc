#include "server/mcp/tool_call.h"

#include <utility>

namespace coderank::server::mcp {

void ToolCall::Report(const ToolProgress& progress) {
  const std::lock_guard lock(mutex);
  if (cancel.IsCancelled() || progress.done <= last_progress) return;
  last_progress = progress.done;
  Json params = {{"progressToken", progress_token}, {"progress", progress.done}};
  if (progress.total) params["total"] = *progress.total;
  if (!progress.message.empty() && revision >= Revision::k20250326) {
    params["message"] = progress.message;
  }
  sink->Notify(NotificationText("notifications/progress", std::move(params)));
}

}  // namespace coderank::server::mcp
