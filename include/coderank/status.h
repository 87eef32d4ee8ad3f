// Status: the error half of every fallible call.
//
// A message names the file or field, what was expected, what was found, and the way out.
// The library never prints and never exits; front ends map a code with the functions below.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace coderank {

// Each code has one HTTP status and one MCP (JSON-RPC) error; on the command line all exit with 2.
enum class StatusCode {
  kOk,
  kInvalidArgument,     // the caller's argument, flag or configuration is wrong
  kNotFound,            // a named file, model or index does not exist
  kPermissionDenied,    // the operating system or a trust rule forbids it
  kCorrupt,             // bytes read are not what their format promises
  kFailedPrecondition,  // valid request, wrong state: fingerprint mismatch, another writer
  kResourceExhausted,   // a limit of ours or the machine's: disk full, too large, too many
  kUnavailable,         // an I/O or network failure that a retry may cure
  kCancelled,           // the caller gave up, or its deadline passed
};

// "invalid_argument", ...: stable names for JSON output.
std::string_view StatusCodeName(StatusCode code);
int HttpStatus(StatusCode code);
// JSON-RPC error number; -32602 is the protocol's "invalid params", the rest are of the
// implementation-defined range -32000 to -32099.
int McpErrorCode(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // OK
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same status with "context: " before its message, for callers that know the file.
  Status WithContext(std::string_view context) const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

inline Status OkStatus() { return {}; }
inline Status InvalidArgument(std::string m) {
  return {StatusCode::kInvalidArgument, std::move(m)};
}
inline Status NotFound(std::string m) { return {StatusCode::kNotFound, std::move(m)}; }
inline Status PermissionDenied(std::string m) {
  return {StatusCode::kPermissionDenied, std::move(m)};
}
inline Status Corrupt(std::string m) { return {StatusCode::kCorrupt, std::move(m)}; }
inline Status FailedPrecondition(std::string m) {
  return {StatusCode::kFailedPrecondition, std::move(m)};
}
inline Status ResourceExhausted(std::string m) {
  return {StatusCode::kResourceExhausted, std::move(m)};
}
inline Status Unavailable(std::string m) { return {StatusCode::kUnavailable, std::move(m)}; }
inline Status Cancelled(std::string m) { return {StatusCode::kCancelled, std::move(m)}; }

}  // namespace coderank
