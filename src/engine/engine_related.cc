// Engine: code like the code at a place.
#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/searched_index.h"
#include "store/vector_row.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// The file's path below `root`; a link on the way is followed, as the index knows files by where
// they lie.
Result<std::string> PathBelow(const fs::path& root, const fs::path& file) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(file, error);
  const fs::path relative = (error ? file : real).lexically_relative(root);
  if (error || relative.empty() || relative == "." || *relative.begin() == "..") {
    return InvalidArgument(
        StrCat(file, ": expected a file below ", root, "; name the folder to search as DIR"));
  }
  return relative.native();
}

Result<StoredChunk> ChunkAt(const IndexStore& store, const std::string& path, uint32_t line) {
  CODERANK_ASSIGN(const bool indexed, store.HasFile(path));
  if (!indexed) {
    return NotFound(
        StrCat(path, ": is not in the index; `coderank status --why ", path, "` says why"));
  }
  CODERANK_ASSIGN(auto chunk, store.ChunkAt(path, line));
  if (!chunk) return InvalidArgument(StrCat(path, ":", line, ": nothing but blank lines up to it"));
  CODERANK_ASSIGN(const auto last, store.ChunkAt(path, UINT32_MAX));
  if (line > last->end_line) {
    return InvalidArgument(
        StrCat(path, ":", line, ": the last line with text is ", last->end_line));
  }
  return *std::move(chunk);
}

// Names that the text mentions are what it uses, and not what it is like.
QueryAnalysis AnalyseChunk(const StoredChunk& chunk, std::string_view text) {
  QueryAnalysis analysis = AnalyseQuery(text);
  analysis.shape = QueryShape::kSentence;
  analysis.name.clear();
  analysis.qualifier.clear();
  analysis.path.clear();
  analysis.mentioned.clear();
  // Who stands in a test, or in an example, is shown others.
  analysis.wanted_traits = chunk.traits;
  return analysis;
}

}  // namespace

Result<fs::path> Engine::State::FolderOfPlace(const fs::path& directory, const fs::path& file) {
  std::error_code error;
  const fs::path root = fs::weakly_canonical(directory, error);
  CODERANK_ASSIGN(const auto known, FindIndex(directory));
  const auto below = PathBelow(known ? known->root : root, file);
  if (!below) return below.error();
  if (known) return directory;
  if (!fs::exists(file, error)) return NotFound(StrCat(file, ": no such file"));
  CODERANK_ASSIGN(const auto of_file, FindIndex(file.parent_path()));
  return of_file ? of_file->root : directory;
}

Result<SearchReport> Engine::FindRelated(const RelatedRequest& request,
                                         const ProgressSink& progress,
                                         const CancellationToken* cancel) {
  state_->notes.clear();
  const SearchRequest& search = request.search;
  CODERANK_ASSIGN(const ParsedSearch parsed, ParseSearch(search.query));
  if (!parsed.text.empty()) {
    return InvalidArgument(StrCat("query: expected filters only, found \"", parsed.text, "\""));
  }
  CODERANK_ASSIGN(const SearchFilters filters, SearchFilters::Make(search, parsed));
  const fs::path file = search.directory / request.file;
  CODERANK_ASSIGN(const fs::path directory, state_->FolderOfPlace(search.directory, file));
  SearchReport report;
  Stopwatch total;
  Stopwatch stage;
  std::vector<SearchedIndex> indexes;
  CODERANK_ASSIGN(SearchedIndex opened, state_->OpenForSearch(directory, search, progress, cancel));
  if (opened.opened == nullptr) {
    report.unindexed.push_back(opened.location.root);
    return report;
  }
  if (directory != search.directory) {
    opened.shown_below = directory.lexically_relative(fs::weakly_canonical(search.directory));
  }
  indexes.push_back(std::move(opened));
  const IndexStore& store = indexes.front().opened->store;
  CODERANK_ASSIGN(const std::string path, PathBelow(indexes.front().location.root, file));
  CODERANK_ASSIGN(const StoredChunk chunk, ChunkAt(store, path, request.line));
  report.timings.index = stage.Lap();

  CODERANK_ASSIGN(const std::string text, store.TextOf(chunk.text_id));
  Question question{.request = search,
                    .parsed = parsed,
                    .filters = filters,
                    .text = text,
                    .analysis = AnalyseChunk(chunk, text),
                    .vector = {},
                    .excluded_chunk = chunk.id,
                    .cancel = cancel};
  if (search.mode != SearchMode::kLexical) {
    CODERANK_ASSIGN(const size_t dimension, store.VectorDimension());
    const int64_t text_id = chunk.text_id;
    CODERANK_TRY(store.VectorsOf(
        {&text_id, 1}, dimension, [&](int64_t /*id*/, std::span<const uint16_t> row) {
          question.vector.resize(row.size());
          state_->kernels->f16_to_f32(row.data(), row.size(), question.vector.data());
          if (!IsUnitRow(row)) question.vector.clear();  // damaged
        }));
  }
  if (search.mode == SearchMode::kSemantic && question.vector.empty()) {
    return FailedPrecondition(StrCat("mode semantic: ", path, ":", request.line,
                                     " has no vector yet; run `coderank index`, or use --mode "
                                     "hybrid"));
  }
  report.mode = question.vector.empty() ? SearchMode::kLexical : search.mode;
  if (!question.vector.empty()) {
    CODERANK_ASSIGN(report.model, store.Meta(kMetaModel));
  }
  CODERANK_TRY(state_->Answer(question, indexes, report));
  report.timings.search = stage.Lap();
  report.timings.total = total.Lap();
  report.notes = std::move(state_->notes);
  return report;
}

}  // namespace coderank
