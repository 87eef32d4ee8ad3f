// What a search is asked and what it answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace coderank {

struct SearchRequest {
  std::string query;
  // Folder or file to search. Inside an indexed tree the tree's index is used and this becomes a
  // filter; otherwise the folder is indexed first.
  std::filesystem::path directory = ".";
  uint32_t limit = 10;  // results wanted
  uint32_t offset = 0;  // results to leave out at the front
  // A tree that is searched for the first time is indexed first. False: files are read to the end,
  // vectors are made for a few seconds, and the answer says what it rests on. True: all of them.
  bool wait_for_vectors = false;
  // Filters; all apply before the best results are chosen. Globs in gitignore syntax, relative
  // to the indexed root.
  std::vector<std::string> paths;      // keep only files matching one of these
  std::vector<std::string> excludes;   // drop files matching one of these
  std::vector<std::string> languages;  // keep only these languages
};

struct SearchResult {
  std::string path;         // relative to the requested directory
  uint32_t start_line = 0;  // 1-based
  uint32_t end_line = 0;    // inclusive
  double score = 0;         // cosine similarity, -1 to 1
  std::string language;     // empty when unknown
  std::string symbol;       // empty when unknown
  std::string snippet;      // the chunk's text as indexed, valid UTF-8
};

// How much of the tree the answer rests on.
struct Coverage {
  uint64_t files = 0;          // indexed
  uint64_t skipped_files = 0;  // left out by a rule or unreadable
  uint64_t chunks = 0;
  uint64_t embedded_chunks = 0;  // of them have a vector; equal to `chunks` when complete
  bool complete = false;         // the last indexing run came to its end
};

// How the files of the tree compare with the index, by their sizes and times.
struct Freshness {
  bool known = false;  // false: the tree is too large to look at; the counts are what was seen
  uint64_t new_files = 0;
  uint64_t changed_files = 0;
  uint64_t removed_files = 0;
  bool refreshed = false;  // all of them were taken into the index before the answer
};

struct SearchTimings {  // milliseconds
  double index = 0;     // indexing on first use
  double load_model = 0;
  double embed = 0;
  double search = 0;
  double total = 0;
};

struct SearchReport {
  std::vector<SearchResult> results;  // best first; ties by path, then start line
  Coverage coverage;
  Freshness freshness;
  SearchTimings timings;
  std::string model;
  std::filesystem::path root;  // of the index used
};

}  // namespace coderank
