// Requests and reports as they travel between processes of one version. Numbers keep all their
// digits, unlike in report_json.h, so that an answer is the same wherever it was made.
#pragma once

#include "coderank/result.h"
#include "server/report_json.h"

namespace coderank::server::wire {

// Of the requests of Service, its reports and IndexProgress; made for those types in wire.cc.
template <typename T>
Json Encode(const T& value);
// kInvalidArgument for what Encode does not give.
template <typename T>
Result<T> Decode(const Json& json);

Json EncodeError(const Status& error);
Status DecodeError(const Json& json);

}  // namespace coderank::server::wire
