// FileCursor: the indexed files one by one, in the order in which a walk visits a tree.
#pragma once

#include <string>
#include <utility>

#include "coderank/result.h"
#include "store/index_store.h"
#include "store/sqlite.h"

namespace coderank {

// Borrows the store. Not thread-safe.
class FileCursor {
 public:
  static Result<FileCursor> Open(const IndexStore& store);

  // False at the end. What the accessors gave before is no longer valid.
  Result<bool> Next();
  const std::string& path() const { return path_; }
  const FileStamp& stamp() const { return stamp_; }

 private:
  explicit FileCursor(Statement select) : select_(std::move(select)) {}

  Statement select_;
  std::string path_;
  FileStamp stamp_;
};

}  // namespace coderank
