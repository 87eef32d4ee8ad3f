// Snapshots as databases that can be opened: unpacked, and checked as what strangers wrote.
#pragma once

#include <filesystem>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "snapshot/snapshot_header.h"

namespace coderank {

struct UnpackedSnapshot {
  SnapshotHeader header;
  std::filesystem::path folder;  // that holds the database, as an index's folder does
};

// Into an empty folder of the caller's. kCorrupt unless it holds tables of an index whose paths
// stay below a root, whose texts have their hashes, whose vectors are such, and whose model is the
// one that the header names.
Result<UnpackedSnapshot> UnpackInto(const std::filesystem::path& folder,
                                    const std::filesystem::path& file,
                                    const CancellationToken* cancel);

// The snapshots of a user that are unpacked, known by the hash of what is in them. Each is unpacked
// once; when another one is, those that were not used for 30 days are removed.
class UnpackedSnapshots {
 public:
  explicit UnpackedSnapshots(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<UnpackedSnapshot> Get(const std::filesystem::path& file,
                               const CancellationToken* cancel) const;
  // Removes all. Returns the bytes freed.
  uint64_t Clear() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace coderank
