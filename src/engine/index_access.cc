#include "engine/index_access.h"

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

// An ignored folder can be overwritten by a checkout while its id file stays: the database has to
// carry the id too. A location without an id was trusted explicitly.
Status CheckId(const IndexStore& store, const IndexLocation& location) {
  if (location.id.empty()) return OkStatus();
  CODERANK_ASSIGN(const std::string found, store.Meta(kMetaIndexId));
  if (found == location.id) return OkStatus();
  return PermissionDenied(StrCat(location.folder / IndexStore::kDatabaseName,
                                 ": is not the database this user's coderank made here: expected "
                                 "id ",
                                 location.id, ", found \"", found,
                                 "\"; run `coderank clear`, then `coderank index`"));
}

// A `clear` that is under way can remove the folder before its lock is ours: it is made again.
Result<IndexLock> LockFolder(const IndexLocator& locator, IndexLocation& location,
                             FunctionRef<bool()> on_wait) {
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    CODERANK_TRY(locator.CreateFolder(location));
    auto lock = IndexLock::Acquire(location.folder, on_wait);
    const bool gone = !lock && lock.error().code() == StatusCode::kNotFound;
    if (!gone || attempt == kAttempts) return lock;
  }
}

}  // namespace

Result<IndexStore> OpenIndexForWriting(const IndexLocator& locator, IndexLocation& location,
                                       FunctionRef<bool()> on_wait) {
  CODERANK_ASSIGN(IndexLock lock, LockFolder(locator, location, on_wait));
  CODERANK_TRY(locator.Claim(location));
  CODERANK_ASSIGN(IndexStore store,
                  IndexStore::OpenForWriting(location.folder, std::move(lock), location.id));
  CODERANK_TRY(CheckId(store, location));
  return store;
}

Result<IndexStore> OpenIndexForReading(const IndexLocation& location) {
  if (location.is_snapshot) return IndexStore::OpenCopy(location.folder);
  CODERANK_ASSIGN(IndexStore store, IndexStore::OpenForReading(location.folder));
  CODERANK_TRY(CheckId(store, location));
  return store;
}

}  // namespace coderank
