// Client: snapshots of collections.
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "qdrant/client.h"
#include "qdrant/client_paths.h"

namespace coderank::qdrant {

Result<Snapshot> Client::CreateSnapshot(const std::string& collection) {
  const std::string path = StrCat(PathOf(collection), "/snapshots?wait=true");
  CODERANK_ASSIGN(const Reply reply, rest_.CallOnce("POST", path));
  Snapshot snapshot{.name = TextAt(reply.result, "name"),
                    .size = NumberAt(reply.result, "size"),
                    .checksum = TextAt(reply.result, "checksum")};
  if (!snapshot.name.empty() && snapshot.size > 0) return snapshot;
  return Corrupt(StrCat("POST ", url(), path, ": expected the snapshot's name and size"));
}

Status Client::FetchSnapshot(const std::string& collection, const Snapshot& snapshot,
                             const std::filesystem::path& file) {
  const std::string path = StrCat(PathOf(collection), "/snapshots/", PercentEncode(snapshot.name));
  CODERANK_TRY(rest_.Download(path, file, snapshot.size));
  if (snapshot.checksum.empty()) return OkStatus();
  CODERANK_ASSIGN(const Sha256Digest found, Sha256OfFile(file));
  if (ToHex(found) == snapshot.checksum) return OkStatus();
  return Corrupt(StrCat(file, ": expected SHA-256 ", snapshot.checksum,
                        " as the server says, found ", ToHex(found)));
}

// priority=snapshot: what the file says counts, whatever other replicas hold.
Status Client::Recover(const std::string& collection, const std::filesystem::path& file) {
  const auto recovered =
      rest_.Upload(StrCat(PathOf(collection), "/snapshots/upload?wait=true&priority=snapshot"),
                   file, "snapshot");
  return recovered ? OkStatus() : recovered.error();
}

}  // namespace coderank::qdrant
