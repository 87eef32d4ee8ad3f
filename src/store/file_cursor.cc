#include "store/file_cursor.h"

#include "base/try.h"

namespace coderank {

Result<FileCursor> FileCursor::Open(const IndexStore& store) {
  // SQLite compares text by its bytes, as the walk does.
  CODERANK_ASSIGN(Statement select,
                  store.database_->Prepare(
                      "SELECT path, id, size, mtime_ns, inode, sha256 FROM files ORDER BY path"));
  return FileCursor(std::move(select));
}

Result<bool> FileCursor::Next() {
  CODERANK_ASSIGN(const bool row, select_.Step());
  if (!row) return false;
  path_ = select_.Text(0);
  stamp_ = StampOfRow(select_);
  return true;
}

}  // namespace coderank
