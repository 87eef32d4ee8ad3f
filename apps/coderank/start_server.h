// Starting `coderank serve` for others: one process that keeps the models for every agent's.
#pragma once

#include <chrono>

#include "coderank/engine.h"
#include "server/daemon/private_client.h"

namespace coderank::cli {

// Starts a server of these options that nothing but the private socket reaches, that outlives this
// process and stops when nobody has asked for `idle_minutes`; and waits, for two seconds at most,
// until it can be asked. Another that is started at the same time wins or loses: one stays.
// Precondition: this process has one thread.
Status StartServer(const EngineOptions& options, int64_t idle_minutes,
                   const server::PrivateClient& server);

}  // namespace coderank::cli
