// A snapshot: the copy of an index's database (store/index_copy.h) in one file, a header
// (snapshot_header.h) and one zstd frame.
#pragma once

#include <cstdint>
#include <filesystem>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "snapshot/snapshot_header.h"

namespace coderank {

// Packs `database` into a file of mode 0600, which is there whole or not at all. Sizes and hash of
// `header` are filled in; the complete one is returned.
Result<SnapshotHeader> WriteSnapshot(const std::filesystem::path& database, SnapshotHeader header,
                                     const std::filesystem::path& file,
                                     const CancellationToken* cancel);

// The header, of a regular file whose length is the one it says.
Result<SnapshotHeader> ReadSnapshotHeader(const std::filesystem::path& file);

// Unpacks the database to a file of mode 0600, which is there when length and hash are right, and
// gives the header.
Result<SnapshotHeader> UnpackSnapshot(const std::filesystem::path& file,
                                      const std::filesystem::path& database,
                                      const CancellationToken* cancel);

}  // namespace coderank
