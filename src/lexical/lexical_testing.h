// Small lexical segments for tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/lexical_index.h"
#include "lexical/segment_writer.h"

namespace coderank::lexical_testing {

inline constexpr std::string_view kIndexId = "test index";

struct TestDocument {
  int64_t chunk_id = 0;
  std::string path;
  std::string body;
  std::string definitions;
  std::string scope;
  std::string language;

  // text_id is chunk_id + 1000.
  LexicalDocument View() const {
    return {.chunk_id = chunk_id,
            .text_id = chunk_id + 1000,
            .path = path,
            .language = language,
            .definitions = definitions,
            .scope = scope,
            .body = body};
  }
};

// Aborts the test program when something fails.
void WriteBase(const std::filesystem::path& path, const std::vector<TestDocument>& documents,
               uint64_t generation = 1, size_t run_postings = PostingRuns::kRunPostings);
void WriteDelta(const std::filesystem::path& path, const std::vector<TestDocument>& documents,
                const LexicalSegment& base, const std::vector<int64_t>& gone);
LexicalSegment OpenSegment(const std::filesystem::path& path);
LexicalIndex OpenIndex(const std::filesystem::path& base);
LexicalIndex OpenIndex(const std::filesystem::path& base, const std::filesystem::path& delta);

std::vector<int64_t> ChunkIds(const std::vector<LexicalHit>& hits);

}  // namespace coderank::lexical_testing
