// Engine: from opened indexes to the results of a question.
#include <algorithm>
#include <set>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_rerank.h"
#include "engine/engine_state.h"
#include "engine/searched_index.h"
#include "search/candidates.h"
#include "search/ranking.h"
#include "search/result_filter.h"
#include "search/snippet_budget.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// `path` is relative to the indexed root; the caller asked about what lies below it.
std::string ShownPath(const SearchedIndex& index, const std::string& path) {
  const std::string& subpath = index.location.subpath;
  std::string relative = path;
  fs::path below = index.shown_below;
  if (path == subpath) {  // a file was asked for
    relative = fs::path(path).filename().native();
    below = below.parent_path();
  } else if (!subpath.empty()) {
    relative = path.substr(subpath.size() + 1);
  }
  return below.empty() ? relative : (below / relative).lexically_normal().native();
}

// The last `count` lines of a text, or the first, without a line end at their end.
std::string LastLines(std::string_view text, size_t count) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  size_t start = text.size();
  for (; count > 0 && start != std::string_view::npos; --count) {
    start = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
  }
  return std::string(start == std::string_view::npos ? text : text.substr(start + 1));
}

std::string FirstLines(std::string_view text, size_t count) {
  size_t end = 0;
  for (; count > 0 && end < text.size(); --count) {
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
  }
  std::string lines(text.substr(0, end));
  if (lines.ends_with('\n')) lines.pop_back();
  return lines;
}

uint32_t CountLines(std::string_view text) {
  const auto ended = std::count(text.begin(), text.end(), '\n');
  return static_cast<uint32_t>(ended) + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

// Byte offset of the start of a line, 1-based; the text's end when it has fewer.
size_t LineStart(std::string_view text, uint32_t line) {
  size_t offset = 0;
  for (; line > 1 && offset < text.size(); --line) {
    offset = std::min(text.find('\n', offset), text.size() - 1) + 1;
  }
  return offset;
}

// Lines of the file as it is now say nothing about a chunk of an older one.
Status AddContext(const SearchedIndex& index, const StoredChunk& chunk, uint32_t lines,
                  SearchResult& result) {
  CODERANK_ASSIGN(const auto stamp, index.opened->store.FileAt(chunk.path));
  const auto read = ReadSourceFile(index.location.root, chunk.path, {});
  if (!stamp || !read || !read->readable || read->file.changed_while_reading) return OkStatus();
  if (read->file.info.size != stamp->size || read->file.info.mtime_ns != stamp->mtime_ns) {
    return OkStatus();
  }
  const std::string_view content = read->file.content;
  const std::string_view head = content.substr(0, LineStart(content, chunk.start_line));
  const std::string_view tail = content.substr(LineStart(content, chunk.end_line + 1));
  result.before = LastLines(head, lines);
  result.before_lines = std::min(lines, CountLines(head));
  result.after = FirstLines(tail, lines);
  result.after_lines = std::min(lines, CountLines(tail));
  return OkStatus();
}

Result<SearchResult> ResultOf(const SearchedIndex& index, const Candidate& candidate,
                              const RankedCandidate& ranked, const SearchRequest& request) {
  const StoredChunk& chunk = candidate.chunk;
  SearchResult result{.path = ShownPath(index, chunk.path),
                      .start_line = chunk.start_line,
                      .end_line = chunk.end_line,
                      .score = ranked.score,
                      .language = chunk.language,
                      .symbol = chunk.symbol,
                      .kind = chunk.kind,
                      .scope = chunk.scope,
                      .rerank_score = ranked.rerank_score};
  CODERANK_ASSIGN(const std::string text, index.opened->store.TextOf(chunk.text_id));
  result.snippet = text.substr(std::min<size_t>(chunk.context_bytes, text.size()));
  if (request.explain) result.terms = ranked.terms;
  if (request.context_lines > 0) {
    CODERANK_TRY(AddContext(index, chunk, request.context_lines, result));
  }
  return result;
}

void Add(const Coverage& one, Coverage& sum) {
  sum.files += one.files;
  sum.skipped_files += one.skipped_files;
  sum.chunks += one.chunks;
  sum.embedded_chunks += one.embedded_chunks;
  sum.complete = sum.complete && one.complete;
}

void Add(const Freshness& one, Freshness& sum) {
  sum.known = sum.known && one.known;
  sum.refreshed = sum.refreshed && one.refreshed;
  sum.new_files += one.new_files;
  sum.changed_files += one.changed_files;
  sum.removed_files += one.removed_files;
}

// One for each index: what is read of it belongs together, and is not locked anew each time.
Result<std::vector<Transaction>> BeginReading(const std::vector<SearchedIndex>& indexes) {
  std::vector<Transaction> snapshots;
  std::set<const OpenedIndex*> begun;
  for (const SearchedIndex& index : indexes) {
    if (!begun.insert(index.opened.get()).second) continue;
    CODERANK_ASSIGN(Transaction snapshot, index.opened->store.BeginReading());
    snapshots.push_back(std::move(snapshot));
  }
  return snapshots;
}

// Overlapping folders are two views of one index, which counts once.
Status DescribeTrees(const std::vector<SearchedIndex>& indexes, SearchReport& report) {
  report.coverage.complete = true;
  report.freshness = {.known = true, .refreshed = true};
  std::set<fs::path> described;
  for (const SearchedIndex& index : indexes) {
    if (!described.insert(index.location.folder).second) continue;
    CODERANK_ASSIGN(const StoreCounts counts, index.opened->Count());
    CODERANK_ASSIGN(const std::string indexed_at, index.opened->store.Meta(kMetaIndexedAt));
    report.trees.push_back({.root = index.location.root,
                            .coverage = CoverageOf(counts, !indexed_at.empty()),
                            .freshness = index.freshness,
                            .exported_at = index.exported_at});
    Add(report.trees.back().coverage, report.coverage);
    Add(report.trees.back().freshness, report.freshness);
  }
  report.root = report.trees.front().root;
  return OkStatus();
}

}  // namespace

Status Engine::State::Answer(const Question& question, std::vector<SearchedIndex>& indexes,
                             SearchReport& report, Reranking* reranking) {
  const SearchRequest& request = question.request;
  const size_t wanted = size_t{request.offset} + request.limit;
  const size_t listed = reranking == nullptr ? wanted : reranking->CandidatesFor(wanted);
  CODERANK_ASSIGN(const std::vector<Transaction> snapshots, BeginReading(indexes));
  std::vector<Candidate> candidates;
  RankingContext context{.mode = report.mode, .sources = {}};
  std::set<std::pair<fs::path, int64_t>> seen;
  for (size_t source = 0; source < indexes.size(); ++source) {
    const SearchedIndex& index = indexes[source];
    const ResultFilter filter = question.filters.For(index.location.root, index.location.subpath);
    CODERANK_ASSIGN(const auto dense, DenseSourceOf(index, question));
    CODERANK_ASSIGN(CandidateSet found,
                    FindCandidates(index.opened->store, index.opened->segments.lexical(), *kernels,
                                   {.text = question.text,
                                    .analysis = question.analysis,
                                    .filter = filter,
                                    .symbols = question.parsed.symbols,
                                    .phrases = question.parsed.phrases,
                                    .mode = report.mode,
                                    .query_vector = question.vector,
                                    .dense = dense.get(),
                                    .wanted = listed}));
    if (!found.dense_failure.ok()) {
      Note(StrCat("candidates by words alone: ", found.dense_failure.message()));
    }
    context.sources.push_back(found.context);
    for (Candidate& candidate : found.candidates) {
      const int64_t id = candidate.chunk.id;
      if (id == question.excluded_chunk || !seen.insert({index.location.folder, id}).second) {
        continue;
      }
      candidate.source = source;
      candidates.push_back(std::move(candidate));
    }
  }
  auto ranked = Rank(question.analysis, candidates, context, listed);
  if (reranking != nullptr) {
    const auto text_of = [&](const Candidate& candidate) {
      return indexes[candidate.source].opened->store.TextOf(candidate.chunk.text_id);
    };
    CODERANK_TRY(reranking->Apply(question.text, candidates, text_of, wanted, ranked, report));
  }
  for (size_t i = request.offset; i < ranked.size(); ++i) {
    const Candidate& candidate = candidates[ranked[i].index];
    CODERANK_ASSIGN(SearchResult result,
                    ResultOf(indexes[candidate.source], candidate, ranked[i], request));
    report.results.push_back(std::move(result));
  }
  if (request.max_tokens > 0) FitSnippets(report.results, request.max_tokens);
  CODERANK_TRY(DescribeTrees(indexes, report));
  if (report.results.empty() && report.coverage.chunks > 0) {
    report.nothing_found = WhyNothing(
        {.filters = question.filters,
         .by_text = !question.parsed.text.empty(),
         .by_phrase = !question.parsed.phrases.empty(),
         .words_only = report.mode == SearchMode::kLexical ||
                       report.coverage.embedded_chunks < report.coverage.chunks,
         .left_out = std::min<size_t>(ranked.size(), request.offset),
         .subpath = indexes.size() == 1 ? indexes.front().location.subpath : std::string()});
  }
  return OkStatus();
}

}  // namespace coderank
