// One call of a tool: what it was asked, and what is said about it until it ends.
#pragma once

#include <memory>
#include <mutex>

#include "server/mcp/reply_sink.h"
#include "server/mcp/revision.h"
#include "server/mcp/tool.h"

namespace coderank::server::mcp {

struct ToolCall {
  Json id;
  Revision revision = kNewestWithHandshake;
  const Tool* tool = nullptr;
  Input arguments;
  Json progress_token;  // null: the caller wants no progress
  std::shared_ptr<ReplySink> sink;
  CancellationToken cancel;
  std::mutex mutex;           // progress may come from several threads of one call
  double last_progress = -1;  // guarded by mutex

  // Progress that does not grow is kept back: the protocol wants each value above the last.
  void Report(const ToolProgress& progress);
};

}  // namespace coderank::server::mcp
