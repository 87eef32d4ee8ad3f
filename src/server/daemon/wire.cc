#include "server/daemon/wire.h"

#include <string>
#include <utility>

#include "coderank/indexing.h"
#include "coderank/models.h"
#include "coderank/search.h"
#include "server/daemon/collection_fields.h"
#include "server/daemon/embeddings_request.h"
#include "server/daemon/wire_archive.h"
#include "server/service.h"

namespace coderank {

// Found by the archives in the namespace of the structs.

template <typename Archive>
void Fields(Archive& archive, Coverage& c) {
  archive("files", c.files);
  archive("skipped_files", c.skipped_files);
  archive("chunks", c.chunks);
  archive("embedded_chunks", c.embedded_chunks);
  archive("complete", c.complete);
}

template <typename Archive>
void Fields(Archive& archive, Freshness& f) {
  archive("known", f.known);
  archive("new_files", f.new_files);
  archive("changed_files", f.changed_files);
  archive("removed_files", f.removed_files);
  archive("refreshed", f.refreshed);
}

template <typename Archive>
void Fields(Archive& archive, SearchTimings& t) {
  archive("index", t.index);
  archive("load_model", t.load_model);
  archive("embed", t.embed);
  archive("search", t.search);
  archive("rerank", t.rerank);
  archive("total", t.total);
}

template <typename Archive>
void Fields(Archive& archive, SearchedTree& tree) {
  archive("root", tree.root);
  archive("coverage", tree.coverage);
  archive("freshness", tree.freshness);
}

template <typename Archive>
void Fields(Archive& archive, ScoreTerm& term) {
  archive("name", term.name);
  archive("value", term.value);
  archive("is_factor", term.is_factor);
}

template <typename Archive>
void Fields(Archive& archive, SearchResult& r) {
  archive("path", r.path);
  archive("start_line", r.start_line);
  archive("end_line", r.end_line);
  archive("score", r.score);
  archive("language", r.language);
  archive("symbol", r.symbol);
  archive("kind", r.kind);
  archive("scope", r.scope);
  archive("snippet", r.snippet);
  archive("snippet_cut", r.snippet_cut);
  archive("before", r.before);
  archive("after", r.after);
  archive("before_lines", r.before_lines);
  archive("after_lines", r.after_lines);
  archive("rerank_score", r.rerank_score);
  archive("terms", r.terms);
}

template <typename Archive>
void Fields(Archive& archive, RerankOptions& o) {
  archive("method", o.method);
  archive("model", o.model);
  archive("depth", o.depth);
  archive("weight", o.weight);
  archive("task", o.task);
  archive("budget_ms", o.budget_ms);
}

template <typename Archive>
void Fields(Archive& archive, RerankReport& r) {
  archive("model", r.model);
  archive("weight", r.weight);
  archive("candidates", r.candidates);
  archive("judged", r.judged);
  archive("truncated", r.truncated);
  archive("predicted_ms", r.predicted_ms);
  archive("taken_ms", r.taken_ms);
  archive("budget_ms", r.budget_ms);
  archive("windows", r.windows);
  archive("tokens", r.tokens);
}

template <typename Archive>
void Fields(Archive& archive, SearchReport& r) {
  archive("results", r.results);
  archive("trees", r.trees);
  archive("coverage", r.coverage);
  archive("freshness", r.freshness);
  archive("timings", r.timings);
  archive("mode", r.mode);
  archive("model", r.model);
  archive("root", r.root);
  archive("rerank", r.rerank);
  archive("notes", r.notes);
  archive("nothing_found", r.nothing_found);
  archive("unindexed", r.unindexed);
}

template <typename Archive>
void Fields(Archive& archive, SearchRequest& r) {
  archive("query", r.query);
  archive("directory", r.directory);
  archive("more_directories", r.more_directories);
  archive("limit", r.limit);
  archive("offset", r.offset);
  archive("wait_for_vectors", r.wait_for_vectors);
  archive("make_index", r.make_index);
  archive("look_for_changes", r.look_for_changes);
  archive("paths", r.paths);
  archive("excludes", r.excludes);
  archive("languages", r.languages);
  archive("content", r.content);
  archive("mode", r.mode);
  archive("explain", r.explain);
  archive("context_lines", r.context_lines);
  archive("max_tokens", r.max_tokens);
  archive("rerank", r.rerank);
}

template <typename Archive>
void Fields(Archive& archive, RelatedRequest& r) {
  archive("file", r.file);
  archive("line", r.line);
  archive("search", r.search);
}

template <typename Archive>
void Fields(Archive& archive, SkippedFile& f) {
  archive("path", f.path);
  archive("reason", f.reason);
  archive("detail", f.detail);
}

template <typename Archive>
void Fields(Archive& archive, PathExplanation& e) {
  archive("path", e.path);
  archive("indexed", e.indexed);
  archive("would_be", e.would_be);
  archive("skipped", e.skipped);
}

template <typename Archive>
void Fields(Archive& archive, StatusRequest& r) {
  archive("directory", r.directory);
  archive("why", r.why);
}

template <typename Archive>
void Fields(Archive& archive, IndexCollection& c) {
  archive("url", c.url);
  archive("name", c.name);
  archive("points", c.points);
  archive("written", c.written);
  archive("removed", c.removed);
}

template <typename Archive>
void Fields(Archive& archive, StatusReport& r) {
  archive("root", r.root);
  archive("index_folder", r.index_folder);
  archive("model", r.model);
  archive("model_fingerprint", r.model_fingerprint);
  archive("indexed_at", r.indexed_at);
  archive("index_bytes", r.index_bytes);
  archive("cut_chunks", r.cut_chunks);
  archive("truncated_chunks", r.truncated_chunks);
  archive("coverage", r.coverage);
  archive("collection", r.collection);
  archive("skipped", r.skipped);
  archive("without_syntax", r.without_syntax);
  archive("explanation", r.explanation);
}

template <typename Archive>
void Fields(Archive& archive, IndexRequest& r) {
  archive("directory", r.directory);
  archive("use_ignore_files", r.use_ignore_files);
  archive("include_hidden", r.include_hidden);
  archive("include_secrets", r.include_secrets);
  archive("embedding_seconds", r.embedding_seconds);
  archive("explain_budget", r.explain_budget);
  archive("agreed", r.agreed);
}

template <typename Archive>
void Fields(Archive& archive, IndexReport& r) {
  archive("root", r.root);
  archive("index_folder", r.index_folder);
  archive("model", r.model);
  archive("files_added", r.files_added);
  archive("files_changed", r.files_changed);
  archive("files_removed", r.files_removed);
  archive("files_unchanged", r.files_unchanged);
  archive("chunks_embedded", r.chunks_embedded);
  archive("chunks_from_cache", r.chunks_from_cache);
  archive("tokens_embedded", r.tokens_embedded);
  archive("seconds_left", r.seconds_left);
  archive("seconds", r.seconds);
  archive("coverage", r.coverage);
  archive("collection", r.collection);
  archive("notes", r.notes);
}

template <typename Archive>
void Fields(Archive& archive, IndexProgress& p) {
  archive("phase", p.phase);
  archive("files_seen", p.files_seen);
  archive("chunks_done", p.chunks_done);
  archive("chunks_total", p.chunks_total);
  archive("tokens_done", p.tokens_done);
  archive("seconds", p.seconds);
  archive("tokens_total", p.tokens_total);
  archive("seconds_left", p.seconds_left);
}

template <typename Archive>
void Fields(Archive& archive, TextEmbedding& e) {
  archive("vector", e.vector);
  archive("token_ids", e.token_ids);
}

template <typename Archive>
void Fields(Archive& archive, RerankScore& s) {
  archive("score", s.score);
  archive("tokens", s.tokens);
  archive("truncated", s.truncated);
}

namespace server {

template <typename Archive>
void Fields(Archive& archive, EmbeddingsRequest& r) {
  archive("model", r.model);
  archive("texts", r.texts);
  archive("query", r.query);
  archive("normalize", r.normalize);
}

template <typename Archive>
void Fields(Archive& archive, EmbeddingsReport& r) {
  archive("model", r.model);
  archive("embeddings", r.embeddings);
}

template <typename Archive>
void Fields(Archive& archive, RerankingRequest& r) {
  archive("model", r.model);
  archive("query", r.query);
  archive("documents", r.documents);
}

template <typename Archive>
void Fields(Archive& archive, RerankingReport& r) {
  archive("model", r.model);
  archive("scores", r.scores);
}

namespace wire {

template <>
inline constexpr SearchMode kLastOf<SearchMode> = SearchMode::kLexical;
template <>
inline constexpr SearchContent kLastOf<SearchContent> = SearchContent::kDocs;
template <>
inline constexpr RerankMethod kLastOf<RerankMethod> = RerankMethod::kListwise;
template <>
inline constexpr RerankTask kLastOf<RerankTask> = RerankTask::kIssue;
template <>
inline constexpr IndexProgress::Phase kLastOf<IndexProgress::Phase> =
    IndexProgress::Phase::kSending;
template <>
inline constexpr StatusCode kLastOf<StatusCode> = StatusCode::kCancelled;

template <typename T>
Json Encode(const T& value) {
  T copy = value;  // descriptions are written for values that can be read into
  return Writer::Write(copy);
}

template <typename T>
Result<T> Decode(const Json& json) {
  T value;
  if (!json.is_object()) return InvalidArgument("expected an object");
  Reader reader(json);
  Fields(reader, value);
  if (!reader.error().ok()) return reader.error();
  return value;
}

template Json Encode(const SearchRequest&);
template Json Encode(const SearchReport&);
template Json Encode(const RelatedRequest&);
template Json Encode(const StatusRequest&);
template Json Encode(const StatusReport&);
template Json Encode(const IndexRequest&);
template Json Encode(const IndexReport&);
template Json Encode(const IndexProgress&);
template Json Encode(const EmbeddingsRequest&);
template Json Encode(const EmbeddingsReport&);
template Json Encode(const RerankingRequest&);
template Json Encode(const RerankingReport&);
template Json Encode(const CollectionSearchRequest&);
template Json Encode(const CollectionSearchReport&);
template Result<SearchRequest> Decode(const Json&);
template Result<SearchReport> Decode(const Json&);
template Result<RelatedRequest> Decode(const Json&);
template Result<StatusRequest> Decode(const Json&);
template Result<StatusReport> Decode(const Json&);
template Result<IndexRequest> Decode(const Json&);
template Result<IndexReport> Decode(const Json&);
template Result<IndexProgress> Decode(const Json&);
template Result<EmbeddingsRequest> Decode(const Json&);
template Result<EmbeddingsReport> Decode(const Json&);
template Result<RerankingRequest> Decode(const Json&);
template Result<RerankingReport> Decode(const Json&);
template Result<CollectionSearchRequest> Decode(const Json&);
template Result<CollectionSearchReport> Decode(const Json&);

Json EncodeError(const Status& error) {
  return {{"code", static_cast<uint32_t>(error.code())}, {"message", error.message()}};
}

Status DecodeError(const Json& json) {
  Reader reader(json);
  StatusCode code = StatusCode::kOk;
  std::string message;
  reader("code", code);
  reader("message", message);
  if (!reader.error().ok() || code == StatusCode::kOk) {
    return Unavailable("the server answered with a malformed error");
  }
  return {code, message};
}

}  // namespace wire
}  // namespace server
}  // namespace coderank
