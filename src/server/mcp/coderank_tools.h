// The tools that coderank offers to agents.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "server/mcp/server.h"
#include "server/mcp/tool.h"
#include "server/service.h"

namespace coderank::server::mcp {

// An error's message as it may be shown to the caller, who has said `said`.
using Redact = std::function<std::string(std::string_view message, std::string_view said)>;

struct ToolOptions {
  Redact redact;                 // empty: messages are shown as they are
  bool has_collections = false;  // a Qdrant server is named
};

// search_code, find_related, index_status, refresh_index, and search_collection where there are
// collections. The service, which outlives them, says what a relative `directory` starts from, and
// which ones may be asked about.
ToolSet CoderankTools(Service& service, const ToolOptions& options = {});

// Who answers, and when to ask it. `trees`: what is searched, in words for a model.
ServerInfo CoderankInfo(std::string_view trees);

}  // namespace coderank::server::mcp
