#include "search/index_segments.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/scratch_folder.h"
#include "base/strings.h"
#include "base/try.h"
#include "lexical/segment_writer.h"
#include "vectors/segment_writer.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// A delta is written whole at every refresh, so it stays small; below this number a new base would
// not be worth its time, however small the base is.
constexpr size_t kDeltaRows = 2000;

// A base of which nothing is left gives a delta nothing but statistics of what is gone.
bool FitsDelta(const SegmentChanges& changes, size_t base_rows) {
  if (changes.gone.size() == base_rows) return false;
  return changes.added.size() + changes.gone.size() <=
         std::max(kDeltaRows, base_rows / kDeltaShare);
}

Status RemoveFile(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  return error ? ErrnoStatus(error.value(), path, "cannot remove") : OkStatus();
}

LexicalDocument DocumentOf(const StoredChunk& chunk, std::string_view text) {
  return {.chunk_id = chunk.id,
          .text_id = chunk.text_id,
          .path = chunk.path,
          .language = chunk.language,
          .definitions = chunk.definitions,
          .scope = chunk.scope,
          .body = text.substr(std::min<size_t>(chunk.context_bytes, text.size()))};
}

std::vector<int64_t> ChunkIdsOf(const LexicalSegment& segment) {
  std::vector<int64_t> ids(segment.document_count());
  for (uint32_t i = 0; i < ids.size(); ++i) ids[i] = segment.chunk_id(i);
  return ids;
}

// The two lexical files as they are; a delta of another base is passed over.
struct LexicalFiles {
  LexicalSegment base;
  std::optional<LexicalSegment> delta;

  uint64_t generation() const { return delta ? delta->generation() : base.generation(); }
};

Result<LexicalFiles> OpenLexicalFiles(const fs::path& folder, std::string_view index_id) {
  CODERANK_ASSIGN(LexicalSegment base, LexicalSegment::Open(folder / kLexicalBaseName, index_id));
  LexicalFiles files{.base = std::move(base), .delta = std::nullopt};
  auto delta = LexicalSegment::Open(folder / kLexicalDeltaName, index_id);
  if (delta && delta->base_generation() == files.base.generation()) {
    files.delta = std::move(*delta);
  }
  return files;
}

// A base holds its documents in the order of their ids, so a file's are together.
Status WriteLexicalBase(const IndexStore& store, const fs::path& folder,
                        const SegmentStamp& stamp) {
  LexicalSegmentWriter writer(folder);
  CODERANK_TRY(store.ScanDocuments([&](const StoredChunk& chunk, std::string_view text) {
    return writer.Add(DocumentOf(chunk, text));
  }));
  CODERANK_TRY(writer.Write(folder / kLexicalBaseName, stamp));
  return RemoveFile(folder / kLexicalDeltaName);
}

Status WriteLexicalDelta(const IndexStore& store, const fs::path& folder, const SegmentStamp& stamp,
                         const LexicalSegment& base, SegmentChanges changes) {
  LexicalSegmentWriter writer(folder);
  CODERANK_TRY(
      store.VisitDocuments(changes.added, [&](const StoredChunk& chunk, std::string_view text) {
        return writer.Add(DocumentOf(chunk, text));
      }));
  return writer.WriteDelta(folder / kLexicalDeltaName, stamp, base, std::move(changes.gone));
}

// Of the vectors in the store: what a segment of them belongs to.
struct VectorSource {
  Sha256Digest identity{};
  uint64_t generation = 0;
  size_t dimension = 0;    // 0: there are none
  bool elsewhere = false;  // searched in a collection

  bool wants_files() const { return dimension > 0 && !elsewhere; }
};

Result<VectorSource> DescribeVectors(const IndexStore& store) {
  VectorSource source;
  CODERANK_ASSIGN(const std::string id, store.Meta(kMetaIndexId));
  CODERANK_ASSIGN(const std::string fingerprint, store.Meta(kMetaFingerprint));
  CODERANK_ASSIGN(const StoreGeneration generation, store.Generation());
  source.identity = VectorIdentity(id, fingerprint);
  source.generation = generation.vectors;
  CODERANK_ASSIGN(source.dimension, store.VectorDimension());
  CODERANK_ASSIGN(const std::string collection, store.Meta(kMetaCollection));
  source.elsewhere = !collection.empty();
  return source;
}

Status WriteVectors(const IndexStore& store, const fs::path& path, SegmentPlan plan,
                    std::span<const int64_t> ids, const kernels::KernelSet& kernels) {
  const size_t dimension = plan.dimension;
  plan.row_count = ids.size();
  CODERANK_ASSIGN(auto writer, VectorSegmentWriter::Create(path, std::move(plan), kernels));
  Status added;
  CODERANK_TRY(store.VectorsOf(ids, dimension, [&](int64_t id, std::span<const uint16_t> row) {
    if (added.ok()) added = writer.Add(id, row);
  }));
  CODERANK_TRY(added);
  return writer.Finish();
}

struct Opened {
  LexicalFiles lexical;
  std::optional<VectorIndex> vectors;
};

Result<Opened> OpenFiles(const IndexStore& store, const fs::path& folder) {
  CODERANK_ASSIGN(const std::string id, store.Meta(kMetaIndexId));
  CODERANK_ASSIGN(LexicalFiles lexical, OpenLexicalFiles(folder, id));
  Opened opened{.lexical = std::move(lexical), .vectors = std::nullopt};
  CODERANK_ASSIGN(const VectorSource source, DescribeVectors(store));
  if (!source.wants_files()) return opened;
  CODERANK_ASSIGN(opened.vectors, VectorIndex::Open(folder, source.identity));
  return opened;
}

Result<bool> IsCurrent(const IndexStore& store, const Opened& opened) {
  CODERANK_ASSIGN(const StoreGeneration now, store.Generation());
  return opened.lexical.generation() == now.chunks &&
         (!opened.vectors || opened.vectors->generation() == now.vectors);
}

Status UpdateAll(const IndexStore& store, const fs::path& folder,
                 const kernels::KernelSet& kernels) {
  CODERANK_TRY(UpdateLexicalSegments(store, folder));
  return UpdateVectorSegments(store, folder, kernels);
}

// Does the writer's work, if nobody else is at it and the folder can be written.
bool UpdateAsWriter(const IndexStore& store, const fs::path& folder,
                    const kernels::KernelSet& kernels) {
  const auto lock = IndexLock::Acquire(folder, [] { return false; });
  return lock && UpdateAll(store, folder, kernels).ok();
}

}  // namespace

Status UpdateLexicalSegments(const IndexStore& store, const fs::path& folder) {
  CODERANK_ASSIGN(const std::string id, store.Meta(kMetaIndexId));
  CODERANK_ASSIGN(const StoreGeneration generation, store.Generation());
  SegmentStamp stamp{.index_id = id, .generation = generation.chunks};
  const auto files = OpenLexicalFiles(folder, id);
  if (!files) return WriteLexicalBase(store, folder, stamp);
  if (files->generation() == generation.chunks) return OkStatus();
  CODERANK_ASSIGN(const std::vector<int64_t> current, store.ChunkIds());
  SegmentChanges changes = ChangesSince(ChunkIdsOf(files->base), current);
  if (!FitsDelta(changes, files->base.document_count())) {
    return WriteLexicalBase(store, folder, stamp);
  }
  stamp.base_generation = files->base.generation();
  return WriteLexicalDelta(store, folder, stamp, files->base, std::move(changes));
}

Status UpdateVectorSegments(const IndexStore& store, const fs::path& folder,
                            const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const VectorSource source, DescribeVectors(store));
  if (source.elsewhere) {
    CODERANK_TRY(RemoveFile(folder / VectorIndex::kDeltaName));
    return RemoveFile(folder / VectorIndex::kBaseName);
  }
  if (!source.wants_files()) return OkStatus();
  const auto index = VectorIndex::Open(folder, source.identity);
  if (index && index->generation() == source.generation) return OkStatus();
  CODERANK_ASSIGN(const std::vector<int64_t> current, store.VectorIds());
  SegmentPlan plan{
      .identity = source.identity, .generation = source.generation, .dimension = source.dimension};
  if (index) {
    const VectorSegment& base = index->segments().front();
    SegmentChanges changes = ChangesSince(base.ids(), current);
    if (FitsDelta(changes, base.row_count())) {
      plan.base_generation = base.generation();
      plan.gone = std::move(changes.gone);
      return WriteVectors(store, folder / VectorIndex::kDeltaName, std::move(plan), changes.added,
                          kernels);
    }
  }
  CODERANK_TRY(
      WriteVectors(store, folder / VectorIndex::kBaseName, std::move(plan), current, kernels));
  return RemoveFile(folder / VectorIndex::kDeltaName);
}

Result<IndexSegments> IndexSegments::Open(const IndexStore& store, const fs::path& folder,
                                          const kernels::KernelSet& kernels) {
  auto opened = OpenFiles(store, folder);
  bool current = false;
  if (opened) {
    CODERANK_ASSIGN(current, IsCurrent(store, *opened));
  }
  if (!current && UpdateAsWriter(store, folder, kernels)) opened = OpenFiles(store, folder);
  if (!opened) {
    // Removed at the end of this block: mapped files live on.
    CODERANK_ASSIGN(const ScratchFolder own, ScratchFolder::Create());
    CODERANK_TRY(UpdateAll(store, own.path(), kernels));
    opened = OpenFiles(store, own.path());
  }
  if (!opened) return opened.error();
  CODERANK_ASSIGN(LexicalIndex lexical, LexicalIndex::Create(std::move(opened->lexical.base),
                                                             std::move(opened->lexical.delta)));
  return IndexSegments(std::move(lexical), std::move(opened->vectors));
}

}  // namespace coderank
