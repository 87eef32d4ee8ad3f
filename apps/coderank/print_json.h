#pragma once

#include "server/report_json.h"

namespace coderank::cli {

using server::Json;
using server::ToJson;

// One line, ASCII only: safe on a terminal, and ill-formed UTF-8 becomes U+FFFD.
void PrintJson(const Json& json);

}  // namespace coderank::cli
