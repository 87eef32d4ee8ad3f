#include "engine/collection_filter.h"

#include <string>
#include <vector>

#include "base/try.h"
#include "migration/pushed_point.h"

namespace coderank {
namespace {

using qdrant::Json;

// Ids of points are 40 bytes each and have to be computed; paths of files are at hand. Single
// chunks are named up to the second number, beyond it their files.
constexpr uint32_t kFewDocuments = 256;
constexpr uint32_t kMostDocuments = 10'000;

// The files of the index by whether one of their documents passes.
struct FileSplit {
  std::vector<std::string> passing;
  std::vector<std::string> failing;
  bool whole = true;  // of a file that passes, all documents do
};

FileSplit SplitFiles(const LexicalIndex& documents, const DocumentSet& among) {
  FileSplit split;
  for (uint32_t number = 0; number < documents.file_count(); ++number) {
    const LexicalFile file = documents.file(number);
    if (!documents.present().Intersects(file.first_document, file.end_document)) continue;
    if (!among.Intersects(file.first_document, file.end_document)) {
      split.failing.emplace_back(file.path);
      continue;
    }
    split.passing.emplace_back(file.path);
    for (uint32_t i = file.first_document; split.whole && i < file.end_document; ++i) {
      split.whole = among.Contains(i) || !documents.present().Contains(i);
    }
  }
  return split;
}

Result<Json> ById(const DenseRequest& request, const IndexStore& store) {
  CODERANK_ASSIGN(const std::string index_id, store.Meta(kMetaIndexId));
  std::vector<int64_t> chunk_ids;
  request.among->ForEach([&](uint32_t document) {
    chunk_ids.push_back(request.documents.Describe(document).chunk_id);
  });
  CODERANK_ASSIGN(const std::vector<StoredChunk> chunks, store.ChunksById(chunk_ids));
  Json ids = Json::array();
  for (const StoredChunk& chunk : chunks) {
    CODERANK_ASSIGN(const Sha256Digest hash, store.HashOf(chunk.text_id));
    ids.push_back(PushedPointId(index_id, chunk, hash).ToJson());
  }
  return Json{{"must", Json::array({Json{{"has_id", std::move(ids)}}})}};
}

}  // namespace

Result<Json> CollectionFilter(const DenseRequest& request, const IndexStore& store) {
  if (request.among == nullptr) return Json();
  const uint32_t passing = request.among->Count();
  if (passing <= kFewDocuments) return ById(request, store);
  FileSplit split = SplitFiles(request.documents, *request.among);
  if (!split.whole && passing <= kMostDocuments) return ById(request, store);
  const bool by_passing = split.passing.size() <= split.failing.size();
  if (!by_passing && split.failing.empty()) return Json();
  Json paths = by_passing ? std::move(split.passing) : std::move(split.failing);
  const Json condition = {{"key", std::string(kPushedPathKey)},
                          {"match", {{"any", std::move(paths)}}}};
  return Json{{by_passing ? "must" : "must_not", Json::array({condition})}};
}

}  // namespace coderank
