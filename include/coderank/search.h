// What a search is asked and what it answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "coderank/rerank.h"

namespace coderank {

// What the order of results rests on.
enum class SearchMode {
  kHybrid,    // words and vectors
  kSemantic,  // vectors alone: fails without a model
  kLexical,   // words alone: needs no model
};

// Prose is Markdown, reStructuredText, HTML and the like.
enum class SearchContent { kAll, kCode, kDocs };

struct SearchRequest {
  // Words, names or a path. Inside it, `symbol:NAME`, `path:GLOB`, `lang:NAME` (the last two also
  // with a '-' before them) and "an exact phrase" in quotes are filters.
  std::string query;
  // Folder or file to search. Inside an indexed tree the tree's index is used and this becomes a
  // filter; otherwise the folder is indexed first.
  std::filesystem::path directory = ".";
  // Not empty: this snapshot of an index is searched instead, and nothing else is looked at.
  std::filesystem::path snapshot;
  // More of them, ranked together with it. Their indexes must have vectors of the same model, or
  // the mode be lexical.
  std::vector<std::filesystem::path> more_directories;
  uint32_t limit = 10;  // results wanted
  uint32_t offset = 0;  // results to leave out at the front
  // A tree that is searched for the first time is indexed first. False: files are read to the end,
  // vectors are made for a few seconds, and the answer says what it rests on. True: all of them.
  bool wait_for_vectors = false;
  // False: where a folder has no index, nothing is searched and SearchReport::unindexed names it,
  // for callers that have indexes made elsewhere (FirstIndexRun).
  bool make_index = true;
  // False: answer from the index as it is, for callers that keep it fresh by a watch.
  bool look_for_changes = true;
  // Filters; all apply before the best results are chosen. Globs in gitignore syntax, relative
  // to the indexed root.
  std::vector<std::string> paths;      // keep only files matching one of these
  std::vector<std::string> excludes;   // drop files matching one of these
  std::vector<std::string> languages;  // keep only these languages
  SearchContent content = SearchContent::kAll;
  SearchMode mode = SearchMode::kHybrid;
  // Where the vectors are in a collection: compare with all of them. Files are exact enough always.
  bool exact = false;
  // Of an index that this search makes: its texts may leave the machine, to where its model is.
  bool agreed = false;
  bool explain = false;        // fill SearchResult::terms
  uint32_t context_lines = 0;  // fill SearchResult::before and after with so many lines
  // For readers with a budget, like language models: snippets are shortened, and if that is not
  // enough results at the end are left out, until all are about so many tokens. 0: whole.
  uint32_t max_tokens = 0;
  RerankOptions rerank;  // of Engine::Search only
};

// Asks for code like the code at a place.
struct RelatedRequest {
  std::filesystem::path file;  // an indexed one; relative to `search.directory`, or absolute
  uint32_t line = 1;           // 1-based; the chunk that covers it is compared, and left out
  SearchRequest search;        // `query` may hold filters only
};

// A part of a score: additions sum up, factors multiply the sum.
struct ScoreTerm {
  std::string name;  // "lexical", "definition", "test file", ...
  double value = 0;
  bool is_factor = false;
};

struct SearchResult {
  // Relative to the requested directory; of several, the directory as it was asked for comes first.
  std::string path;
  uint32_t start_line = 0;   // 1-based
  uint32_t end_line = 0;     // inclusive
  double score = 0;          // comparable within one answer only
  std::string language;      // empty when unknown
  std::string symbol;        // the name it defines; empty when unknown
  std::string kind;          // of that: "function", "class", ...
  std::string scope;         // names of what encloses it, joined by '.'
  std::string snippet;       // the chunk's text as indexed, valid UTF-8
  bool snippet_cut = false;  // its last lines were left out for SearchRequest::max_tokens
  // Lines of the file around the chunk; empty too when the file is not as it was indexed.
  std::string before;
  std::string after;
  uint32_t before_lines = 0;  // how many they are: the last may be blank, and leave no mark
  uint32_t after_lines = 0;
  std::optional<float> rerank_score;  // of a judged result: the reranker's logit
  std::vector<ScoreTerm> terms;
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
  double rerank = 0;  // its model's loading included
  double total = 0;
};

struct SearchedTree {
  std::filesystem::path root;  // of the index used
  Coverage coverage;
  Freshness freshness;
  std::string exported_at;  // of a snapshot, whose file `root` then is: UTC, ISO 8601
};

struct SearchReport {
  std::vector<SearchResult> results;  // best first; ties by path, then start line
  std::vector<SearchedTree> trees;    // one for each index, in the order asked for
  Coverage coverage;                  // of all trees together
  Freshness freshness;                // the same
  SearchTimings timings;
  SearchMode mode = SearchMode::kHybrid;  // that was used: lexical where there are no vectors
  std::string model;                      // empty when no model took part
  std::filesystem::path root;             // of the first tree
  std::optional<RerankReport> rerank;     // where it was asked for
  // What whoever asked should know besides, a sentence each: a model that is not there any more, a
  // setting that was passed over. The log has them too, but once only for each engine.
  std::vector<std::string> notes;
  std::string nothing_found;  // where there are no results: why, as far as that is known
  std::vector<std::filesystem::path> unindexed;  // see SearchRequest::make_index
};

}  // namespace coderank
