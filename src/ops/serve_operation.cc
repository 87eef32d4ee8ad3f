// The operation that serves all others. Names and meanings are a contract for scripts: add, do not
// change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {

Operation Serve() {
  return {.name = "serve",
          .summary = "Keep models and indexes warm, and answer over HTTP",
          .details =
              "Prints the addresses to give to programs, with the access token in them. Only the "
              "folders named can be asked about over HTTP; `coderank search` of the same user asks "
              "the running server about any folder by itself. docs/server.md describes the routes. "
              "Stops in order when interrupted.",
          .parameters = {{.name = "directories",
                          .type = ParameterType::kPath,
                          .help = "folders that may be asked about",
                          .positional = true,
                          .repeated = true,
                          .value_name = "DIR",
                          .default_value = "."},
                         {.name = "listen",
                          .help = "address for HTTP, or off; port 0: any free one",
                          .value_name = "HOST:PORT",
                          .default_value = "127.0.0.1:7411"},
                         {.name = "socket",
                          .type = ParameterType::kPath,
                          .help = "answer HTTP on this Unix socket too, for this user alone",
                          .value_name = "PATH"},
                         {.name = "no-token",
                          .type = ParameterType::kFlag,
                          .help = "ask for no access token; on loopback addresses only"},
                         {.name = "insecure",
                          .type = ParameterType::kFlag,
                          .help = "listen on other addresses than loopback without TLS"},
                         {.name = "tls-cert",
                          .type = ParameterType::kPath,
                          .help = "certificate chain for TLS, in PEM form",
                          .value_name = "FILE"},
                         {.name = "tls-key",
                          .type = ParameterType::kPath,
                          .help = "its private key",
                          .value_name = "FILE"},
                         {.name = "idle-exit",
                          .type = ParameterType::kInteger,
                          .help = "stop when nobody has asked for N minutes; 0: never",
                          .value_name = "N",
                          .default_value = "0",
                          .least = 0,
                          .most = int64_t{60} * 24 * 30},
                         kModel,
                         kModels,
                         kPrecision,
                         kMaxTokens,
                         kThreads,
                         kTrustIndex,
                         kQuiet}};
}

}  // namespace coderank::ops
