#include <algorithm>

#include "base/strings.h"
#include "base/try.h"
#include "evaluation/dataset.h"
#include "evaluation/json_input.h"

namespace coderank::evaluation {
namespace {

namespace fs = std::filesystem;

// A name becomes part of paths, so it must stay in its folder.
bool IsPlainName(const std::string& name) {
  return name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

bool StaysBelow(const std::string& path) {
  const fs::path given(path);
  return !given.is_absolute() && path.find('\0') == std::string::npos &&
         std::none_of(given.begin(), given.end(), [](const fs::path& p) { return p == ".."; });
}

Result<Repository> ReadRepository(const Record& record, const fs::path& sources) {
  Repository repository;
  CODERANK_ASSIGN(repository.name, record.Text("name"));
  if (!IsPlainName(repository.name)) return record.Unexpected("name", "a plain file name");
  CODERANK_ASSIGN(repository.language, record.OptionalText("language"));
  CODERANK_ASSIGN(const std::string below, record.OptionalText("benchmark_root"));
  if (!StaysBelow(below)) return record.Unexpected("benchmark_root", "a path below the tree");
  repository.root = sources / repository.name / "source" / below;
  if (below.empty()) repository.root = repository.root.parent_path();
  return repository;
}

// A target is a path, or an object with a path and perhaps the first and the last line.
Result<Target> ReadTarget(const nlohmann::json& value, const Record& query) {
  if (value.is_string()) {
    Target target{.path = value.get<std::string>(), .lines = {}};
    if (target.path.empty()) return Corrupt(StrCat(query.place(), ": a target has no path"));
    return target;
  }
  CODERANK_ASSIGN(const Record record, Record::FromJson(value, query.place() + ": a target"));
  Target target;
  CODERANK_ASSIGN(target.path, record.Text("path"));
  CODERANK_ASSIGN(const auto first, record.OptionalInteger("start_line"));
  CODERANK_ASSIGN(const auto last, record.OptionalInteger("end_line"));
  if (first && last) target.lines = LineSpan{.first = *first, .last = *last};
  return target;
}

Status ReadTargets(const Record& record, std::string_view key, std::vector<Target>& targets) {
  const nlohmann::json& list = record[key];
  if (list.is_null()) return OkStatus();
  if (!list.is_array()) return record.Unexpected(key, "an array of targets");
  for (const nlohmann::json& value : list) {
    CODERANK_ASSIGN(Target target, ReadTarget(value, record));
    targets.push_back(std::move(target));
  }
  return OkStatus();
}

Status ReadQueries(const fs::path& file, Repository& repository) {
  CODERANK_ASSIGN(const std::vector<Record> records, ReadRecords(file));
  for (const Record& record : records) {
    Query query{.id = StrCat(repository.name, "/", repository.queries.size() + 1)};
    CODERANK_ASSIGN(query.text, record.Text("query"));
    CODERANK_ASSIGN(query.category, record.OptionalText("category"));
    if (query.category.empty()) query.category = "unknown";
    CODERANK_TRY(ReadTargets(record, "relevant", query.targets));
    CODERANK_TRY(ReadTargets(record, "secondary", query.targets));
    repository.queries.push_back(std::move(query));
  }
  return OkStatus();
}

Status CheckNames(const std::vector<std::string>& wanted, const std::vector<Repository>& known,
                  const fs::path& file) {
  std::string names;
  for (const Repository& repository : known) {
    names += StrCat(names.empty() ? "" : ", ", repository.name);
  }
  for (const std::string& name : wanted) {
    if (std::none_of(known.begin(), known.end(), [&](const auto& r) { return r.name == name; })) {
      return NotFound(StrCat(file, ": no repository named \"", name, "\"; known: ", names));
    }
  }
  return OkStatus();
}

}  // namespace

Result<Dataset> ReadAnnotatedTrees(const fs::path& folder, const DatasetOptions& options) {
  const fs::path sources = options.sources.empty() ? folder : options.sources;
  const fs::path file = folder / "repos.json";
  CODERANK_ASSIGN(const std::vector<Record> records, ReadRecords(file));
  std::vector<Repository> known;
  for (const Record& record : records) {
    CODERANK_ASSIGN(Repository repository, ReadRepository(record, sources));
    for (const Repository& other : known) {
      if (other.name == repository.name) return record.Unexpected("name", "a name of its own");
    }
    known.push_back(std::move(repository));
  }
  CODERANK_TRY(CheckNames(options.repositories, known, file));
  Dataset dataset{.name = FolderName(folder), .layout = Layout::kAnnotatedTrees, .folder = folder};
  for (Repository& repository : known) {
    const auto& only = options.repositories;
    if (!only.empty() && std::find(only.begin(), only.end(), repository.name) == only.end()) {
      continue;
    }
    CODERANK_TRY(ReadQueries(folder / repository.name / "annotations.json", repository));
    dataset.repositories.push_back(std::move(repository));
  }
  return dataset;
}

}  // namespace coderank::evaluation
