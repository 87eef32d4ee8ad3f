// Where the library's messages go: a sink that the caller owns. The library never writes to
// standard output or standard error itself.
#pragma once

#include <functional>
#include <string_view>

namespace coderank {

enum class LogLevel { kDebug, kInfo, kWarning };

// May be called from several threads at once. The text is one line without a newline; it can hold
// bytes of untrusted origin, which a terminal front end has to escape.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace coderank
