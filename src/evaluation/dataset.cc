#include "evaluation/dataset.h"

#include "base/strings.h"

namespace coderank::evaluation {

std::string FolderName(const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto path = std::filesystem::weakly_canonical(folder, ignored);
  return path.has_filename() ? path.filename().native() : "dataset";
}

Result<Dataset> ReadDataset(const std::filesystem::path& folder, const DatasetOptions& options) {
  std::error_code ignored;
  if (std::filesystem::exists(folder / "repos.json", ignored)) {
    return ReadAnnotatedTrees(folder, options);
  }
  if (std::filesystem::exists(folder / "queries.jsonl", ignored)) {
    return ReadDocumentCollection(folder, options);
  }
  return NotFound(StrCat(folder, ": expected a data set: repos.json with <name>/annotations.json, ",
                         "or corpus.jsonl, queries.jsonl and qrels/*.tsv; found neither"));
}

}  // namespace coderank::evaluation
