#include "evaluation/document_collection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <unordered_set>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"
#include "evaluation/dataset.h"
#include "evaluation/json_input.h"

namespace coderank::evaluation {
namespace {

namespace fs = std::filesystem;

// Says that a folder of documents may be removed. It lies beside the tree, not in it.
constexpr std::string_view kMarker = "made-by-coderank-eval";
constexpr uint64_t kFilesPerFolder = 1000;

// Languages as CodeSearchNet, CoIR and this program name them. What is not here gets its own name
// as the extension if that is plain ("go", "lua"), so the list has only those that differ.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kExtensions = {{
    {"python", "py"},
    {"javascript", "js"},
    {"typescript", "ts"},
    {"ruby", "rb"},
    {"rust", "rs"},
    {"c++", "cpp"},
    {"c#", "cs"},
    {"csharp", "cs"},
    {"kotlin", "kt"},
    {"bash", "sh"},
    {"shell", "sh"},
    {"haskell", "hs"},
    {"markdown", "md"},
    {"text", "txt"},
}};

std::string ExtensionOf(std::string_view given) {
  const std::string language = AsciiLower(given);
  for (const auto& [name, extension] : kExtensions) {
    if (name == language) return std::string(extension);
  }
  constexpr size_t kLongestExtension = 12;
  const bool plain =
      !language.empty() && language.size() <= kLongestExtension &&
      std::all_of(language.begin(), language.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return plain ? language : "txt";
}

std::string PathOf(uint64_t number, const std::string& extension) {
  std::array<char, 48> path{};
  std::snprintf(path.data(), path.size(), "%03llu/%06llu.",
                static_cast<unsigned long long>(number / kFilesPerFolder),
                static_cast<unsigned long long>(number));
  return path.data() + extension;
}

Status MakeEmptyFolder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error)) {
    if (!fs::exists(folder / kMarker, error)) {
      return FailedPrecondition(StrCat(folder, ": expected a new folder for the documents, found ",
                                       "one that holds other things; name another with --work"));
    }
    fs::remove_all(folder, error);
    if (error) return ErrnoStatus(error.value(), folder, "cannot remove");
  }
  CODERANK_TRY(CreatePrivateFolder(folder));
  return WriteFileAtomically(folder / kMarker, "");
}

// Not synced: the tree is made anew by every run.
Status WriteDocument(const fs::path& file, const std::string& title, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  if (!title.empty()) out << title << '\n';
  out << text;
  out.close();
  return out ? OkStatus() : Unavailable(StrCat(file, ": cannot be written"));
}

Result<Record> NextRecord(const LineReader& lines, const std::string& line) {
  const std::string place = lines.place();
  const size_t colon = place.rfind(':');
  CODERANK_ASSIGN(nlohmann::json value, ParseJson(line, place.substr(0, colon), lines.line()));
  return Record::FromJson(std::move(value), place);
}

// One line of qrels: query id, document id, grade, between tabs. No value for a line of headings.
struct Judged {
  std::string query;
  std::string document;
  int64_t grade = 0;
};
Result<std::optional<Judged>> ParseJudged(const LineReader& lines, const std::string& line) {
  const size_t first = line.find('\t');
  const size_t second = first == std::string::npos ? first : line.find('\t', first + 1);
  Judged judged;
  if (second != std::string::npos) {
    judged.query = line.substr(0, first);
    judged.document = line.substr(first + 1, second - first - 1);
    const char* end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(line.data() + second + 1, end, judged.grade);
    if (error == std::errc() && stop == end) return std::optional<Judged>(std::move(judged));
    if (lines.line() == 1) return std::optional<Judged>();
  }
  return Corrupt(StrCat(lines.place(), ": expected query id, document id and a whole number ",
                        "between tabs, found ", line.substr(0, 60)));
}

using TargetsByQuery = std::map<std::string, std::vector<Target>, std::less<>>;

Result<TargetsByQuery> ReadJudgements(const fs::path& file) {
  CODERANK_ASSIGN(LineReader lines, LineReader::Open(file));
  TargetsByQuery targets;
  std::set<std::pair<std::string, std::string>> seen;
  for (;;) {
    CODERANK_ASSIGN(const auto line, lines.Next());
    if (!line) return targets;
    if (IsBlank(*line)) continue;
    CODERANK_ASSIGN(const auto judged, ParseJudged(lines, *line));
    if (!judged) continue;
    if (!seen.emplace(judged->query, judged->document).second) {
      return Corrupt(StrCat(lines.place(), ": judges document \"", judged->document,
                            "\" for query \"", judged->query, "\" a second time"));
    }
    if (judged->grade <= 0) continue;
    targets[judged->query].push_back(
        {.path = judged->document, .lines = {}, .grade = static_cast<double>(judged->grade)});
  }
}

}  // namespace

Result<DocumentTree> WriteDocuments(const fs::path& dataset, const fs::path& folder) {
  CODERANK_ASSIGN(LineReader lines, LineReader::Open(dataset / "corpus.jsonl"));
  CODERANK_TRY(MakeEmptyFolder(folder));
  DocumentTree tree{.root = folder / "tree", .ids = {}};
  CODERANK_TRY(CreatePrivateFolder(tree.root));
  std::unordered_set<std::string> seen;
  for (;;) {
    CODERANK_ASSIGN(const auto line, lines.Next());
    if (!line) return tree;
    if (IsBlank(*line)) continue;
    CODERANK_ASSIGN(const Record record, NextRecord(lines, *line));
    CODERANK_ASSIGN(std::string id, record.Text("_id"));
    if (!seen.insert(id).second) return record.Unexpected("_id", "an id of its own");
    CODERANK_ASSIGN(const std::string title, record.OptionalText("title"));
    CODERANK_ASSIGN(const std::string text, record.OptionalText("text"));
    CODERANK_ASSIGN(const std::string language, record.OptionalText("language"));
    const fs::path file = tree.root / PathOf(tree.ids.size(), ExtensionOf(language));
    if (tree.ids.size() % kFilesPerFolder == 0)
      CODERANK_TRY(CreatePrivateFolder(file.parent_path()));
    CODERANK_TRY(WriteDocument(file, title, text));
    tree.ids.push_back(std::move(id));
  }
}

std::optional<uint64_t> DocumentNumber(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  uint64_t number = 0;
  const char* end = path.data() + path.size();
  const auto [stop, error] = std::from_chars(path.data(), end, number);
  if (error != std::errc() || stop == end || *stop != '.') return std::nullopt;
  return number;
}

Result<Dataset> ReadDocumentCollection(const fs::path& folder, const DatasetOptions& options) {
  if (!options.repositories.empty()) {
    return InvalidArgument(
        StrCat(folder, ": is a document collection, which has no repositories ", "to choose from"));
  }
  const fs::path judgements = folder / "qrels" / (options.split + ".tsv");
  CODERANK_ASSIGN(TargetsByQuery targets, ReadJudgements(judgements));
  CODERANK_ASSIGN(LineReader lines, LineReader::Open(folder / "queries.jsonl"));
  Dataset dataset{.name = FolderName(folder), .layout = Layout::kDocumentCollection};
  dataset.folder = folder;
  Repository collection{.name = dataset.name};
  std::unordered_set<std::string> seen;
  for (;;) {
    CODERANK_ASSIGN(const auto line, lines.Next());
    if (!line) break;
    if (IsBlank(*line)) continue;
    CODERANK_ASSIGN(const Record record, NextRecord(lines, *line));
    Query query;
    CODERANK_ASSIGN(query.id, record.Text("_id"));
    if (!seen.insert(query.id).second) return record.Unexpected("_id", "an id of its own");
    const auto judged = targets.find(query.id);
    if (judged == targets.end()) continue;
    CODERANK_ASSIGN(query.text, record.Text("text"));
    query.targets = std::move(judged->second);
    targets.erase(judged);
    collection.queries.push_back(std::move(query));
  }
  if (!targets.empty()) {
    return Corrupt(StrCat(judgements, ": judges query \"", targets.begin()->first,
                          "\", which is not in queries.jsonl"));
  }
  dataset.repositories.push_back(std::move(collection));
  return dataset;
}

}  // namespace coderank::evaluation
