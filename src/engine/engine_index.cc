// Engine: describing and removing an index.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"
#include "migration/push_ledger.h"
#include "search/index_segments.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// Everything in an index folder, in the order of removal: a run that is killed meanwhile leaves a
// folder that is still known by its id, or one that holds nothing but the lock.
constexpr std::array<std::string_view, 13> kIndexFiles = {kLexicalBaseName,
                                                          kLexicalDeltaName,
                                                          VectorIndex::kBaseName,
                                                          VectorIndex::kDeltaName,
                                                          PushLedger::kFileName,
                                                          "index.db",
                                                          "index.db-journal",
                                                          "index.db-wal",
                                                          "index.db-shm",
                                                          "root",
                                                          ".gitignore",
                                                          "id",
                                                          "lock"};

// What is written under a name with a suffix first, "root.Xy12ab": a kill leaves that behind. A
// segment's postings are gathered in runs.
constexpr std::array<std::string_view, 8> kWrittenAside = {kLexicalBaseName,
                                                           kLexicalDeltaName,
                                                           VectorIndex::kBaseName,
                                                           VectorIndex::kDeltaName,
                                                           "run",
                                                           "root",
                                                           ".gitignore",
                                                           "id"};

bool IsTemporaryOfOurs(std::string_view name) {
  constexpr size_t kSuffix = 7;  // ".Xy12ab"
  if (name.size() <= kSuffix || name[name.size() - kSuffix] != '.') return false;
  name.remove_suffix(kSuffix);
  return std::find(kWrittenAside.begin(), kWrittenAside.end(), name) != kWrittenAside.end();
}

void RemoveTemporaries(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (IsTemporaryOfOurs(entry.path().filename().native())) found.push_back(entry.path());
  }
  for (const fs::path& file : found) fs::remove(file, ignored);
}

uint64_t SizeOf(const fs::path& file) {
  struct stat info {};
  return ::lstat(file.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

uint64_t IndexBytes(const fs::path& folder) {
  uint64_t bytes = 0;
  for (const std::string_view name : kIndexFiles) bytes += SizeOf(folder / name);
  return bytes;
}

Result<std::optional<IndexCollection>> CollectionOf(const IndexStore& store) {
  CODERANK_ASSIGN(VectorPlace place, ReadVectorPlace(store));
  if (!place.in_collection()) return std::optional<IndexCollection>();
  return std::optional(IndexCollection{.url = place.url, .name = place.collection});
}

// What the user asked about, as a path below the indexed root.
Result<std::string> PathBelowRoot(const IndexLocation& location, const std::string& why) {
  // The folder is resolved, as the root was; the name itself is not, since a link is explained.
  const fs::path given(why);
  std::error_code ignored;
  const fs::path joined =
      given.is_absolute() ? (fs::weakly_canonical(given.parent_path(), ignored) / given.filename())
                                .lexically_relative(location.root)
                          : fs::path(location.subpath) / given;
  std::string path = joined.lexically_normal().native();
  while (path.ends_with('/')) path.pop_back();
  if (path == ".." || path.starts_with("../")) {
    return InvalidArgument(StrCat(why, ": lies outside of the indexed tree ", location.root));
  }
  return path == "." ? std::string() : path;
}

const SkippedRecord* FindSkipped(const std::vector<SkippedRecord>& skipped,
                                 const std::string& path) {
  for (const SkippedRecord& record : skipped) {
    if (record.path == path || record.path == path + "/") return &record;
  }
  return nullptr;
}

Result<PathExplanation> Explain(const IndexStore& store, const IndexLocation& location,
                                const WalkOptions& walk, const std::string& why,
                                const std::vector<SkippedRecord>& skipped) {
  PathExplanation explanation;
  CODERANK_ASSIGN(explanation.path, PathBelowRoot(location, why));
  CODERANK_ASSIGN(explanation.indexed, store.HasFile(explanation.path));
  CODERANK_ASSIGN(const PathVerdict verdict, ExplainPath(location.root, walk, explanation.path));
  if (!explanation.indexed) {
    CODERANK_ASSIGN(explanation.indexed, store.HasFilesBelow(explanation.path));
  }
  explanation.would_be = verdict.indexed;
  if (!verdict.indexed) {
    explanation.skipped = {.path = verdict.skipped.path,
                           .reason = std::string(SkipReasonName(verdict.skipped.reason)),
                           .detail = verdict.skipped.detail};
  } else if (const SkippedRecord* record = FindSkipped(skipped, explanation.path);
             record != nullptr && !explanation.indexed) {
    // The rules let it pass, but its content did not: binary, or it could not be read.
    explanation.would_be = false;
    explanation.skipped = {
        .path = record->path, .reason = record->reason, .detail = record->detail};
  }
  return explanation;
}

}  // namespace

Status NoIndex(const fs::path& directory) {
  return NotFound(
      StrCat(directory, ": no index covers it; `coderank index ", directory, "` makes one"));
}

std::string WalkSwitches(const IndexRequest& request) {
  return StrCat(request.use_ignore_files ? "" : "no-ignore ",
                request.include_hidden ? "hidden " : "",
                request.include_secrets ? "include-secrets " : "");
}

WalkOptions WalkOptionsOf(const Config& config, std::string_view switches) {
  const auto has = [switches](std::string_view name) {
    return switches.find(name) != std::string_view::npos;
  };
  return {.use_ignore_files = !has("no-ignore "),
          .include_hidden = has("hidden "),
          .include_secrets = has("include-secrets "),
          .max_file_bytes = config.max_file_bytes.value,
          .extra_patterns = config.ignore_patterns.value};
}

Status SetMetaWhereDifferent(IndexStore& store, std::string_view key, std::string_view value) {
  CODERANK_ASSIGN(const std::string found, store.Meta(key));
  return found == value ? OkStatus() : store.SetMeta(key, value);
}

Coverage CoverageOf(const StoreCounts& counts, bool complete) {
  return {.files = counts.files,
          .skipped_files = counts.skipped,
          .chunks = counts.chunks,
          .embedded_chunks = counts.embedded_chunks,
          .complete = complete};
}

Result<StatusReport> Engine::IndexStatus(const StatusRequest& request) {
  CODERANK_ASSIGN(const auto location, state_->FindIndex(request.directory));
  if (!location) return NoIndex(request.directory);
  CODERANK_ASSIGN(const Config config, state_->ConfigFor(location->root));
  CODERANK_ASSIGN(const IndexStore store, OpenIndexForReading(*location));
  StatusReport report{.root = location->root, .index_folder = location->folder};
  CODERANK_ASSIGN(report.model, store.Meta(kMetaModel));
  CODERANK_ASSIGN(report.model_fingerprint, store.Meta(kMetaFingerprint));
  CODERANK_ASSIGN(report.indexed_at, store.Meta(kMetaIndexedAt));
  CODERANK_ASSIGN(const StoreCounts counts, store.Count());
  CODERANK_ASSIGN(const std::string switches, store.Meta(kMetaWalkSwitches));
  CODERANK_ASSIGN(const std::vector<SkippedRecord> skipped, store.Skipped());
  CODERANK_ASSIGN(const std::vector<SkippedRecord> without_syntax, store.FilesWithoutSyntax());
  CODERANK_ASSIGN(report.collection, CollectionOf(store));
  report.index_bytes = IndexBytes(location->folder);
  report.cut_chunks = counts.cut_chunks;
  report.truncated_chunks = counts.truncated_chunks;
  report.coverage = CoverageOf(counts, !report.indexed_at.empty());
  for (const SkippedRecord& record : skipped) {
    report.skipped.push_back({record.path, record.reason, record.detail});
  }
  for (const SkippedRecord& record : without_syntax) {
    report.without_syntax.push_back({record.path, record.reason, record.detail});
  }
  if (request.why) {
    CODERANK_ASSIGN(report.explanation, Explain(store, *location, WalkOptionsOf(config, switches),
                                                *request.why, skipped));
  }
  return report;
}

Result<ClearReport> Engine::Clear(const std::filesystem::path& directory) {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  const IndexLocator locator = state_->LocatorFor(config);
  std::vector<std::string> notes;
  CODERANK_ASSIGN(const IndexLocation location, locator.ForRoot(directory, notes));
  if (location.id.empty()) {
    if (!notes.empty()) return IndexLocator::NotOurs(location.root / kIndexFolderName);
    return NoIndex(directory);
  }
  ClearReport report{.index_folder = location.folder,
                     .bytes_freed = IndexBytes(location.folder),
                     .collection = {}};
  CODERANK_ASSIGN(const IndexLock lock, IndexLock::Acquire(location.folder, [] { return false; }));
  if (const auto store = OpenIndexForReading(location)) {  // one that cannot be read goes too
    const auto collection = CollectionOf(*store);
    if (collection) report.collection = *collection;
  }
  RemoveTemporaries(location.folder);
  for (const std::string_view name : kIndexFiles) {
    std::error_code error;
    fs::remove(location.folder / name, error);
    if (error) return ErrnoStatus(error.value(), location.folder / name, "cannot remove");
  }
  std::error_code left_over;
  fs::remove(location.folder, left_over);  // stays when something that is not ours lies in it
  locator.Forget(location);
  return report;
}

}  // namespace coderank
