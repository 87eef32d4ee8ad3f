// serve: the warm process.
#include <charconv>
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "server/serving/serving.h"

namespace coderank::cli {
namespace {

// "127.0.0.1:7411", "[::1]:0", "localhost:80"; no value for "off".
Result<std::optional<http::TcpAddress>> AddressOf(const std::string& text) {
  if (text == "off") return std::optional<http::TcpAddress>();
  const size_t colon = text.rfind(':');
  http::TcpAddress address;
  const char* end = text.data() + text.size();
  const bool parsed = colon != std::string::npos && colon > 0 && colon + 1 < text.size() && [&] {
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
    return error == std::errc() && stop == end;
  }();
  if (!parsed) {
    return InvalidArgument(
        StrCat("listen: expected HOST:PORT with a port from 0 to 65535, or off; "
               "found \"",
               text, "\""));
  }
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return std::optional<http::TcpAddress>(address);
}

Result<std::optional<http::TlsFiles>> TlsOf(const ops::Arguments& arguments) {
  if (arguments.Has("tls-cert") != arguments.Has("tls-key")) {
    return InvalidArgument("tls-cert: expected --tls-cert and --tls-key together");
  }
  if (!arguments.Has("tls-cert")) return std::optional<http::TlsFiles>();
  return std::optional<http::TlsFiles>(
      {.certificate = arguments.Text("tls-cert"), .key = arguments.Text("tls-key")});
}

Result<server::ServingOptions> OptionsFrom(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  server::ServingOptions options{.engine = context.options,
                                 .folders = {},
                                 .listen = {},
                                 .tls = {},
                                 .socket = {},
                                 .without_token = arguments.Flag("no-token"),
                                 .insecure = arguments.Flag("insecure"),
                                 .idle_exit = std::chrono::minutes(arguments.Integer("idle-exit")),
                                 .limits = {}};
  CODERANK_ASSIGN(options.listen, AddressOf(arguments.Text("listen")));
  CODERANK_ASSIGN(options.tls, TlsOf(arguments));
  if (arguments.Has("socket")) options.socket = arguments.Text("socket");
  // Where nobody can ask over HTTP, no folder is served by being the current one.
  if (arguments.Has("directories") || options.listen || options.socket) {
    const auto& folders = arguments.List("directories");
    options.folders.assign(folders.begin(), folders.end());
  }
  return options;
}

}  // namespace

Result<int> RunServe(const CommandContext& context) {
  CODERANK_ASSIGN(server::ServingOptions options, OptionsFrom(context));
  CODERANK_ASSIGN(const auto serving, server::Serving::Start(std::move(options)));
  for (const std::string& note : serving->notes()) context.console.Note(note);
  for (const std::string& address : serving->addresses()) {
    std::printf("%s\n", EscapeForTerminal(address).c_str());
  }
  std::fflush(stdout);  // who started it waits for the address
  serving->WaitFor(context.cancel);
  context.console.Note("stopping");
  serving->Stop();
  return kExitFound;
}

}  // namespace coderank::cli
