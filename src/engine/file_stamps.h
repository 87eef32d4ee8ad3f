// How a file is known to be unchanged without reading it.
#pragma once

#include <cstdint>

#include "source/walker.h"
#include "store/index_store.h"

namespace coderank {

// `stamp` is a FileStamp or a SkippedRecord.
template <typename Stamp>
bool SameStamp(const Stamp& stamp, const WalkedFile& file) {
  return stamp.mtime_ns == file.mtime_ns && stamp.size == file.size && stamp.inode == file.inode;
}

// The time to store for a file that can have changed again without another time: read it again.
inline int64_t Unsettled(int64_t mtime_ns) { return mtime_ns == 0 ? -1 : -mtime_ns; }

// Nothing says that the file changed, and nothing says that it did not.
inline bool MayBeSame(const FileStamp& stamp, const WalkedFile& file) {
  return stamp.mtime_ns == Unsettled(file.mtime_ns) && stamp.size == file.size &&
         stamp.inode == file.inode;
}

}  // namespace coderank
