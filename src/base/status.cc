#include "coderank/status.h"

namespace coderank {
namespace {

struct CodeMapping {
  std::string_view name;
  int http;
  int mcp;
};

CodeMapping MappingOf(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return {"ok", 200, 0};
    case StatusCode::kInvalidArgument:
      return {"invalid_argument", 400, -32602};
    case StatusCode::kNotFound:
      return {"not_found", 404, -32001};
    case StatusCode::kPermissionDenied:
      return {"permission_denied", 403, -32002};
    case StatusCode::kCorrupt:
      return {"corrupt", 422, -32003};
    case StatusCode::kFailedPrecondition:
      return {"failed_precondition", 409, -32004};
    case StatusCode::kResourceExhausted:
      return {"resource_exhausted", 429, -32005};
    case StatusCode::kUnavailable:
      return {"unavailable", 503, -32006};
    case StatusCode::kCancelled:
      return {"cancelled", 499, -32007};
  }
  return {"unknown", 500, -32603};
}

}  // namespace

std::string_view StatusCodeName(StatusCode code) { return MappingOf(code).name; }
int HttpStatus(StatusCode code) { return MappingOf(code).http; }
int McpErrorCode(StatusCode code) { return MappingOf(code).mcp; }

Status Status::WithContext(std::string_view context) const {
  if (ok()) return *this;
  return {code_, std::string(context) + ": " + message_};
}

}  // namespace coderank
