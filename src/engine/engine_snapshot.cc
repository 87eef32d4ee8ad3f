// Engine: an index to one file, and such a file searched as it is or made into an index again.
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/scratch_folder.h"
#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"
#include "engine/searched_index.h"
#include "engine/unpacked_snapshot.h"
#include "engine/utc_now.h"
#include "snapshot/snapshot_file.h"
#include "store/index_copy.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

SnapshotSummary SummaryOf(const fs::path& file, const SnapshotHeader& header) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return {.file = file,
          .name = header.name,
          .model = header.model,
          .fingerprint = header.fingerprint,
          .dimension = header.dimension,
          .files = header.files,
          .chunks = header.chunks,
          .embedded_chunks = header.embedded_chunks,
          .indexed_at = header.indexed_at,
          .exported_at = header.exported_at,
          .made_by = header.made_by,
          .sha256 = ToHex(header.sha256),
          .file_bytes = error ? 0 : uint64_t{bytes},
          .database_bytes = header.database_bytes};
}

// What the header says about a copy, without what packing finds out.
Result<SnapshotHeader> HeaderOf(const fs::path& copy_folder, const fs::path& root) {
  CODERANK_ASSIGN(const IndexStore copy, IndexStore::OpenCopy(copy_folder));
  CODERANK_ASSIGN(const StoreCounts counts, copy.Count());
  CODERANK_ASSIGN(const size_t dimension, copy.VectorDimension());
  SnapshotHeader header{.files = counts.files,
                        .chunks = counts.chunks,
                        .embedded_chunks = counts.embedded_chunks,
                        .dimension = static_cast<uint32_t>(dimension),
                        .name = root.filename().native(),
                        .model = {},
                        .fingerprint = {},
                        .indexed_at = {},
                        .exported_at = UtcNow(),
                        .made_by = std::string(Version())};
  CODERANK_ASSIGN(header.model, copy.Meta(kMetaModel));
  CODERANK_ASSIGN(header.fingerprint, copy.Meta(kMetaFingerprint));
  CODERANK_ASSIGN(header.indexed_at, copy.Meta(kMetaIndexedAt));
  return header;
}

// One that a run was killed in before its first commit does not count.
Result<bool> HasContent(const IndexStore& store) {
  CODERANK_ASSIGN(const StoreGeneration generation, store.Generation());
  return generation.chunks != 0;
}

Status CheckFree(const IndexLocation& location, const IndexStore& store) {
  CODERANK_ASSIGN(const bool has_content, HasContent(store));
  if (!has_content) return OkStatus();
  return FailedPrecondition(
      StrCat(location.root, ": has an index already; --replace puts the snapshot in its place"));
}

// Before anything is unpacked; checked again under the lock, where what a kill left can be opened.
Status CheckFree(const IndexLocation& location) {
  if (location.id.empty()) return OkStatus();
  const auto store = OpenIndexForReading(location);
  return store ? CheckFree(location, *store) : OkStatus();
}

Status CheckSources(const fs::path& directory) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return OkStatus();
  return NotFound(StrCat(directory,
                         ": no such folder; an index is imported where its sources are, and "
                         "without them `coderank search QUERY --snapshot FILE` answers"));
}

// A snapshot unpacked for once, and opened.
struct ScratchCopy {
  ScratchFolder folder;
  SnapshotHeader header;
  IndexStore store;
};

// In a folder below `parent`: one for temporary files may be a small one in memory.
Result<ScratchCopy> UnpackForImport(const fs::path& parent, const fs::path& file,
                                    const CancellationToken* cancel) {
  CODERANK_TRY(CreatePrivateFolder(parent));
  std::error_code error;
  const fs::path canonical = fs::canonical(parent, error);  // SQLite refuses links in a path
  if (error) return ErrnoStatus(error.value(), parent, "cannot be used");
  CODERANK_ASSIGN(ScratchFolder folder, ScratchFolder::CreateIn(canonical));
  CODERANK_ASSIGN(UnpackedSnapshot unpacked, UnpackInto(folder.path(), file, cancel));
  CODERANK_ASSIGN(IndexStore store, IndexStore::OpenCopy(folder.path()));
  return ScratchCopy{
      .folder = std::move(folder), .header = std::move(unpacked.header), .store = std::move(store)};
}

}  // namespace

Result<SnapshotSummary> Engine::ExportSnapshot(const SnapshotExportRequest& request,
                                               const CancellationToken* cancel) {
  CODERANK_ASSIGN(const auto location, state_->FindIndex(request.directory));
  if (!location) return NoIndex(request.directory);
  std::error_code error;
  if (!request.replace && fs::exists(fs::symlink_status(request.file, error))) {
    return FailedPrecondition(StrCat(request.file, ": is there already; --replace overwrites it"));
  }
  CODERANK_ASSIGN(const IndexStore store, OpenIndexForReading(*location));
  CODERANK_ASSIGN(const std::string switches, store.Meta(kMetaWalkSwitches));
  if (WalkOptionsOf({}, switches).include_secrets) {
    state_->Note("the index was made with --include-secrets: the snapshot holds such files too");
  }
  // Beside the file, where its space is needed anyway.
  const fs::path parent = fs::absolute(request.file, error).parent_path();
  const fs::path canonical = fs::canonical(parent, error);
  if (error) return ErrnoStatus(error.value(), parent, "cannot write there");
  CODERANK_ASSIGN(const ScratchFolder scratch, ScratchFolder::CreateIn(canonical));
  const fs::path copy = scratch.path() / IndexStore::kDatabaseName;
  CODERANK_TRY(CopyIndex(location->folder, copy));
  CODERANK_ASSIGN(SnapshotHeader header, HeaderOf(scratch.path(), location->root));
  CODERANK_ASSIGN(header, WriteSnapshot(copy, std::move(header), request.file, cancel));
  return SummaryOf(request.file, header);
}

Result<SnapshotSummary> Engine::DescribeSnapshot(const fs::path& file) {
  CODERANK_ASSIGN(const SnapshotHeader header, ReadSnapshotHeader(file));
  return SummaryOf(file, header);
}

Result<SnapshotImportReport> Engine::ImportSnapshot(const SnapshotImportRequest& request,
                                                    const ProgressSink& progress,
                                                    const CancellationToken* cancel) {
  state_->notes.clear();
  CODERANK_TRY(CheckSources(request.index.directory));
  CODERANK_ASSIGN(const Config user_config, state_->ConfigFor({}));
  const IndexLocator locator = state_->LocatorFor(user_config);
  std::vector<std::string> found;
  CODERANK_ASSIGN(IndexLocation location, locator.ForRoot(request.index.directory, found));
  CODERANK_ASSIGN(const Config config, state_->ConfigFor(location.root));
  state_->Note(found);
  state_->Note(config.notes);
  if (!request.replace) CODERANK_TRY(CheckFree(location));

  CODERANK_ASSIGN(const ScratchCopy copy,
                  UnpackForImport(state_->SnapshotFolder(), request.file, cancel));
  // Before anything is written: whether the run that follows could use its vectors.
  const auto model = state_->ChooseForIndexing(config, copy.store, /*whole_tree=*/false);
  if (!model) return model.error();
  const auto on_wait = [&] {
    if (progress) progress({.phase = IndexProgress::Phase::kWaiting});
    return !IsCancelled(cancel);
  };
  CODERANK_ASSIGN(IndexStore store, OpenIndexForWriting(locator, location, on_wait));
  if (!request.replace) CODERANK_TRY(CheckFree(location, store));
  CODERANK_TRY(store.ReplaceWith(copy.folder.path() / IndexStore::kDatabaseName));
  SnapshotImportReport report{.snapshot = SummaryOf(request.file, copy.header), .index = {}};
  CODERANK_ASSIGN(report.index,
                  state_->RunIndexer(store,
                                     {.location = location,
                                      .config = config,
                                      .walk_switches = WalkSwitches(request.index),
                                      .embedding_seconds = BudgetSeconds(request.index, config),
                                      .explain_budget = request.index.explain_budget},
                                     progress, cancel));
  report.index.notes = std::move(state_->notes);
  return report;
}

Result<SearchedIndex> Engine::State::OpenSnapshot(const fs::path& file,
                                                  const CancellationToken* cancel) {
  const UnpackedSnapshots snapshots(SnapshotFolder());
  CODERANK_ASSIGN(const UnpackedSnapshot unpacked, snapshots.Get(file, cancel));
  SearchedIndex index;
  index.location = {
      .root = file, .folder = unpacked.folder, .subpath = {}, .id = {}, .is_snapshot = true};
  index.exported_at = unpacked.header.exported_at;
  CODERANK_ASSIGN(index.config, ConfigFor({}));
  CODERANK_ASSIGN(index.opened, opened.Get(index.location, *kernels));
  Note(StrCat(file, ": a snapshot of ", unpacked.header.name, ", exported ", index.exported_at,
              "; whether the sources have changed since is not known"));
  return index;
}

}  // namespace coderank
