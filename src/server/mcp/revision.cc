#include "server/mcp/revision.h"

#include <array>
#include <string>
#include <utility>

#include "base/strings.h"

namespace coderank::server::mcp {
namespace {

constexpr std::array<std::pair<Revision, std::string_view>, 5> kRevisions = {{
    {Revision::k20241105, "2024-11-05"},
    {Revision::k20250326, "2025-03-26"},
    {Revision::k20250618, "2025-06-18"},
    {Revision::k20251125, "2025-11-25"},
    {Revision::k20260728, "2026-07-28"},
}};

bool IsSpoken(Revision revision, Transport transport) {
  return transport == Transport::kStdio || revision != Revision::k20241105;
}

}  // namespace

std::string_view NameOf(Revision revision) {
  return kRevisions[static_cast<size_t>(revision)].second;
}

std::optional<Revision> RevisionOf(std::string_view name, Transport transport) {
  for (const auto& [revision, known] : kRevisions) {
    if (known == name && IsSpoken(revision, transport)) return revision;
  }
  return std::nullopt;
}

Json RevisionNames(Transport transport) {
  Json names = Json::array();
  for (const auto& [revision, name] : kRevisions) {
    if (IsSpoken(revision, transport)) names.push_back(name);
  }
  return names;
}

bool NamesItsRevision(const Input& params) {
  const auto meta = params.find("_meta");
  return meta != params.end() && meta->is_object() && meta->contains(kRevisionKey);
}

std::variant<Revision, RpcError> NamedRevision(const Input& params, Transport transport) {
  const Input& meta = params.at("_meta");
  const Input& name = meta.at(std::string(kRevisionKey));
  if (!name.is_string()) {
    return RpcError{.code = kInvalidParams,
                    .message = StrCat("_meta.", kRevisionKey, ": expected a string")};
  }
  const auto revision = RevisionOf(name.get_ref<const std::string&>(), transport);
  if (!revision || HasHandshake(*revision)) {
    return RpcError{
        .code = kUnsupportedRevision,
        .message = "unsupported protocol version",
        .data = {{"supported", RevisionNames(transport)}, {"requested", name.get<std::string>()}}};
  }
  if (const auto found = meta.find(kClientCapabilitiesKey);
      found == meta.end() || !found->is_object()) {
    return RpcError{.code = kInvalidParams,
                    .message = StrCat("_meta.", kClientCapabilitiesKey, ": expected an object")};
  }
  return *revision;
}

}  // namespace coderank::server::mcp
