#include "engine/unpacked_snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/scratch_folder.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "snapshot/snapshot_file.h"
#include "source/relative_path.h"
#include "store/file_cursor.h"
#include "store/index_copy.h"
#include "store/index_store.h"
#include "store/vector_row.h"
#include "text/utf8.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

constexpr auto kKeptUnused = std::chrono::hours(30 * 24);

// A path that a walk could have given: it is shown to people, and opened below a root.
bool IsPlainPath(const std::string& path) {
  const auto parts = SplitRelativePath(path);
  if (!parts || parts->empty() || !IsValidUtf8(path)) return false;
  std::string joined;
  for (const std::string& part : *parts) joined += StrCat(joined.empty() ? "" : "/", part);
  return joined == path;
}

Status CheckPaths(const IndexStore& store) {
  CODERANK_ASSIGN(FileCursor cursor, FileCursor::Open(store));
  for (;;) {
    CODERANK_ASSIGN(const bool more, cursor.Next());
    if (!more) return OkStatus();
    if (!IsPlainPath(cursor.path())) {
      return Corrupt(
          StrCat("expected paths relative to a root, found ", ToValidUtf8(cursor.path())));
    }
  }
}

// What people were told by the header has to be what they get.
Status CheckHeader(const IndexStore& store, const SnapshotHeader& header) {
  CODERANK_ASSIGN(const std::string id, store.Meta(kMetaIndexId));
  CODERANK_ASSIGN(const std::string fingerprint, store.Meta(kMetaFingerprint));
  CODERANK_ASSIGN(const std::string model, store.Meta(kMetaModel));
  CODERANK_ASSIGN(const std::string indexed_at, store.Meta(kMetaIndexedAt));
  CODERANK_ASSIGN(const size_t dimension, store.VectorDimension());
  if (id == kCopyId && fingerprint == header.fingerprint && model == header.model &&
      indexed_at == header.indexed_at && dimension == header.dimension) {
    return OkStatus();
  }
  return Corrupt("its header and its database do not belong together");
}

// A text is known by its hash: a wrong one would stand for another text wherever that is found.
Status CheckTexts(const IndexStore& store) {
  return store.ScanDocuments([&](const StoredChunk& chunk, std::string_view text) {
    CODERANK_ASSIGN(const Sha256Digest hash, store.HashOf(chunk.text_id));
    if (hash == Sha256Of(text)) return OkStatus();
    return Corrupt(StrCat("text ", chunk.text_id, ": expected SHA-256 ", ToHex(hash), ", found ",
                          ToHex(Sha256Of(text))));
  });
}

Status CheckVectors(const IndexStore& store, size_t dimension) {
  Status checked;
  CODERANK_TRY(store.ScanVectors(dimension, [&](int64_t text_id, const uint16_t* row) {
    if (!checked.ok() || IsUnitRow({row, dimension})) return;
    checked =
        Corrupt(StrCat("the vector of text ", text_id, ": expected finite numbers and length 1"));
  }));
  return checked;
}

Status CheckUnpacked(const fs::path& folder, const SnapshotHeader& header) {
  CODERANK_TRY(CheckCopy(folder / IndexStore::kDatabaseName, folder));
  CODERANK_ASSIGN(const IndexStore store, IndexStore::OpenCopy(folder));
  CODERANK_TRY(CheckHeader(store, header));
  CODERANK_TRY(CheckPaths(store));
  CODERANK_TRY(CheckVectors(store, header.dimension));
  return CheckTexts(store);
}

bool IsFolder(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Its time of modification is that of its last use.
void MarkUsed(const fs::path& folder) {
  (void)::utimensat(AT_FDCWD, folder.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

std::vector<fs::path> EntriesOf(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    entries.push_back(entry->path());
  }
  return entries;
}

// Who has one of them open keeps what is mapped and opened.
void RemoveUnused(const fs::path& folder) {
  for (const fs::path& entry : EntriesOf(folder)) {
    std::error_code error;
    const auto used = fs::last_write_time(entry, error);
    if (error || fs::file_time_type::clock::now() - used < kKeptUnused) continue;
    fs::remove_all(entry, error);
  }
}

}  // namespace

Result<UnpackedSnapshot> UnpackInto(const fs::path& folder, const fs::path& file,
                                    const CancellationToken* cancel) {
  CODERANK_ASSIGN(const SnapshotHeader header,
                  UnpackSnapshot(file, folder / IndexStore::kDatabaseName, cancel));
  const Status checked = CheckUnpacked(folder, header);
  if (!checked.ok()) return checked.WithContext(StrCat(file, ": cannot be used"));
  return UnpackedSnapshot{.header = header, .folder = folder};
}

Result<UnpackedSnapshot> UnpackedSnapshots::Get(const fs::path& file,
                                                const CancellationToken* cancel) const {
  CODERANK_ASSIGN(const SnapshotHeader header, ReadSnapshotHeader(file));
  CODERANK_TRY(CreatePrivateFolder(folder_));
  std::error_code error;
  const fs::path parent = fs::canonical(folder_, error);  // SQLite refuses links in a path
  if (error) return ErrnoStatus(error.value(), folder_, "cannot be used");
  const fs::path place = parent / ToHex(header.sha256);
  if (!IsFolder(place)) {
    RemoveUnused(parent);
    CODERANK_ASSIGN(ScratchFolder scratch, ScratchFolder::CreateIn(parent));
    CODERANK_ASSIGN(const UnpackedSnapshot unpacked, UnpackInto(scratch.path(), file, cancel));
    // Another process may have been first: the same hash, the same content.
    const Status named = scratch.RenameTo(place);
    if (!named.ok() && !IsFolder(place)) return named;
  }
  MarkUsed(place);
  return UnpackedSnapshot{.header = header, .folder = place};
}

uint64_t UnpackedSnapshots::Clear() const {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unknown;
    const uintmax_t size = entry->is_regular_file(unknown) ? entry->file_size(unknown) : 0;
    if (!unknown) bytes += size;
  }
  fs::remove_all(folder_, error);
  return bytes;
}

}  // namespace coderank
