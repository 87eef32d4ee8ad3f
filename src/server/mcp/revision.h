// The revisions of MCP, and what differs between them.
//
// 2024-11-05 to 2025-11-25 begin with `initialize`, which settles the revision of a session.
// 2026-07-28 has no handshake: each request names its revision in `_meta`, and results say of
// which kind they are and who made them.
#pragma once

#include <optional>
#include <string_view>

#include "server/mcp/json_rpc.h"

namespace coderank::server::mcp {

enum class Revision { k20241105, k20250326, k20250618, k20251125, k20260728 };

enum class Transport { kStdio, kHttp };

inline constexpr Revision kNewestWithHandshake = Revision::k20251125;

std::string_view NameOf(Revision revision);
// None when it is not known, or not spoken over that transport: 2024-11-05 has another one of HTTP.
std::optional<Revision> RevisionOf(std::string_view name, Transport transport);
// All that a transport speaks, oldest first.
Json RevisionNames(Transport transport);

constexpr bool HasHandshake(Revision revision) { return revision <= kNewestWithHandshake; }
// Several messages in one array: in one revision, and taken back in the next.
constexpr bool HasBatches(Revision revision) { return revision == Revision::k20250326; }
constexpr bool HasStructuredResults(Revision revision) { return revision >= Revision::k20250618; }

// The reserved keys of `_meta` from 2026-07-28 on.
inline constexpr std::string_view kRevisionKey = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kClientCapabilitiesKey =
    "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kServerInfoKey = "io.modelcontextprotocol/serverInfo";

// Whether a request is one of the revisions without a handshake: it names its own.
bool NamesItsRevision(const Input& params);
// The revision that it names; an error where it is unknown or the request lacks what it must have.
std::variant<Revision, RpcError> NamedRevision(const Input& params, Transport transport);

}  // namespace coderank::server::mcp
