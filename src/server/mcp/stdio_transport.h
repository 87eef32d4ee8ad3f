// MCP over a pair of descriptors: a message a line in, a message a line out, nothing else.
#pragma once

#include "coderank/cancellation.h"
#include "coderank/status.h"
#include "server/mcp/server.h"

namespace coderank::server::mcp {

// Serves one client until it closes its end or `cancel` is set. What still runs when the input
// ends is finished and answered as long as the client reads; otherwise it is cancelled. Blocks.
Status ServeStdio(Server& server, int input, int output, const CancellationToken& cancel);

}  // namespace coderank::server::mcp
