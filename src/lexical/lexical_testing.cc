#include "lexical/lexical_testing.h"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace coderank::lexical_testing {
namespace {

void Check(const Status& status) {
  if (status.ok()) return;
  std::cerr << status.message() << '\n';
  std::abort();
}

template <typename T>
T Checked(Result<T> result) {
  if (!result) Check(result.error());
  return *std::move(result);
}

}  // namespace

void WriteBase(const std::filesystem::path& path, const std::vector<TestDocument>& documents,
               uint64_t generation, size_t run_postings) {
  LexicalSegmentWriter writer(path.parent_path(), run_postings);
  for (const TestDocument& document : documents) Check(writer.Add(document.View()));
  Check(writer.Write(path, {.index_id = std::string(kIndexId), .generation = generation}));
}

void WriteDelta(const std::filesystem::path& path, const std::vector<TestDocument>& documents,
                const LexicalSegment& base, const std::vector<int64_t>& gone) {
  LexicalSegmentWriter writer(path.parent_path());
  for (const TestDocument& document : documents) Check(writer.Add(document.View()));
  Check(writer.WriteDelta(
      path, {.index_id = std::string(kIndexId), .generation = base.generation() + 1}, base, gone));
}

LexicalSegment OpenSegment(const std::filesystem::path& path) {
  return Checked(LexicalSegment::Open(path, kIndexId));
}

LexicalIndex OpenIndex(const std::filesystem::path& base) {
  return Checked(LexicalIndex::Create(OpenSegment(base)));
}

LexicalIndex OpenIndex(const std::filesystem::path& base, const std::filesystem::path& delta) {
  return Checked(LexicalIndex::Create(OpenSegment(base), OpenSegment(delta)));
}

std::vector<int64_t> ChunkIds(const std::vector<LexicalHit>& hits) {
  std::vector<int64_t> ids;
  for (const LexicalHit& hit : hits) ids.push_back(hit.chunk_id);
  return ids;
}

}  // namespace coderank::lexical_testing
