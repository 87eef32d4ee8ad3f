// Asks the running `coderank serve` of this user, where there is one that answers as this process
// would.
#pragma once

#include <optional>

#include "coderank/search.h"
#include "commands.h"
#include "server/daemon/private_client.h"

namespace coderank::cli {

// No value when none is to be asked. Whether one runs shows when it is.
std::optional<server::PrivateClient> FindServer(const CommandContext& context);

// No value, whatever the reason: the caller then does the work itself, and reports what fails
// there.
std::optional<SearchReport> AskServer(const CommandContext& context, const SearchRequest& request,
                                      const ProgressSink& progress);
std::optional<SearchReport> AskServer(const CommandContext& context, const RelatedRequest& request,
                                      const ProgressSink& progress);

}  // namespace coderank::cli
