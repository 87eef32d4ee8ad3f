// A data set in memory: queries, what answers them, and the trees in which to search.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "coderank/result.h"
#include "evaluation/metrics.h"

namespace coderank::evaluation {

enum class Layout {
  kAnnotatedTrees,      // source trees with annotated places; results are chunks
  kDocumentCollection,  // documents with graded judgements; results are documents
};

struct Query {
  std::string id;  // unique in the data set
  std::string text;
  std::string category;  // empty in a document collection
  std::vector<Target> targets;
};

struct Repository {
  std::string name;  // a plain file name
  std::string language;
  std::filesystem::path root;  // the folder to index; empty in a document collection
  std::vector<Query> queries;
};

struct Dataset {
  std::string name;
  Layout layout = Layout::kAnnotatedTrees;
  std::filesystem::path folder;
  std::vector<Repository> repositories;  // one, named like the data set, in a document collection
};

struct DatasetOptions {
  std::filesystem::path sources;          // trees are SOURCES/<name>/source; empty: the data set
  std::vector<std::string> repositories;  // only these; empty: all
  std::string split = "test";             // qrels/<split>.tsv of a document collection
};

// "eval" of "../data/eval/": what a data set is called.
std::string FolderName(const std::filesystem::path& folder);

// Reads what `folder` holds: repos.json makes it a set of annotated trees, queries.jsonl a
// document collection. Errors name file and line.
Result<Dataset> ReadDataset(const std::filesystem::path& folder, const DatasetOptions& options);

// repos.json: [{"name", "language", "benchmark_root"}]; <name>/annotations.json:
// [{"query", "category", "relevant": [target], "secondary": [target]}], a target being a path or
// {"path", "start_line", "end_line"}. Both lists count alike. The trees need not be there.
Result<Dataset> ReadAnnotatedTrees(const std::filesystem::path& folder,
                                   const DatasetOptions& options);

// queries.jsonl: {"_id", "text"}; qrels/<split>.tsv: query id, document id, grade. Queries without
// a document graded above 0 are left out. corpus.jsonl is read by WriteDocuments.
Result<Dataset> ReadDocumentCollection(const std::filesystem::path& folder,
                                       const DatasetOptions& options);

}  // namespace coderank::evaluation
