// Engine: the whole of coderank behind one object.
//
//   auto engine = coderank::Engine::Open({});
//   if (!engine) return Report(engine.error());
//   auto report = engine->Search({.query = "where is the retry backoff computed?"});
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/collections.h"
#include "coderank/indexing.h"
#include "coderank/log.h"
#include "coderank/models.h"
#include "coderank/rerank.h"
#include "coderank/result.h"
#include "coderank/search.h"
#include "coderank/snapshots.h"

namespace coderank {

// What the engines of one process have in common: each model is loaded once, and queries that
// arrive together are embedded together. Thread-safe.
class EngineShare;
std::shared_ptr<EngineShare> MakeEngineShare();

// Values given here win over the environment, the project's file, the user's file and the
// defaults, in this order.
struct EngineOptions {
  std::optional<std::string> model;
  std::optional<std::filesystem::path> models_folder;
  std::optional<std::filesystem::path> index_folder;
  // Of models: "int8" (the default), "f32", or "int4", which only language models have: others then
  // have int8.
  std::optional<std::string> precision;
  std::optional<uint32_t> max_tokens;  // texts are cut here instead of at the model's default
  std::optional<size_t> threads;
  std::optional<std::string> qdrant_url;  // of the server that holds collections
  std::shared_ptr<EngineShare> share;     // null: the engine has everything to itself
  // With a share: its models, but threads of its own, as for work of another priority. Threads have
  // the priority of the thread that calls the engine first.
  bool own_threads = false;
  bool trust_index = false;  // use an index that this user's coderank did not make
  // A command that runs ServeSyntaxWorker() and nothing else, such as OwnSyntaxWorker(): files are
  // parsed in processes of it. Empty: files are cut by lines instead of by syntax, and the log says
  // so.
  std::vector<std::string> syntax_worker;
  LogSink log;  // may be empty
};

// The work of a parser process: answers the engine that started it on standard input until that is
// closed; returns the exit status.
int ServeSyntaxWorker();

// For a program that is its own `syntax_worker`: the command, and whether main was started by it.
// Then, before anything else, main serves and returns.
std::vector<std::string> OwnSyntaxWorker();
bool IsOwnSyntaxWorker(int argc, const char* const* argv);

// A loaded model. Thread-safe; may outlive the engine that opened it.
class EmbeddingModel {
 public:
  virtual ~EmbeddingModel() = default;
  virtual const ModelSummary& summary() const = 0;
  // One embedding per text, in order.
  virtual Result<std::vector<TextEmbedding>> Embed(std::span<const std::string_view> texts,
                                                   const EmbedRequest& request) const = 0;
};

// A loaded cross-encoder or listwise judge. Thread-safe; may outlive the engine that opened it.
class RerankModel {
 public:
  virtual ~RerankModel() = default;
  virtual const ModelSummary& summary() const = 0;
  // One score per document, in order.
  virtual Result<std::vector<RerankScore>> Score(
      std::string_view query, std::span<const std::string_view> documents,
      const CancellationToken* cancel = nullptr) const = 0;
};

// Not thread-safe: one call at a time. Different engines may work on one index at once.
class Engine {
 public:
  static Result<Engine> Open(EngineOptions options);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  Result<IndexReport> Index(const IndexRequest& request, const ProgressSink& progress = {},
                            const CancellationToken* cancel = nullptr);
  // Indexes, then refreshes after every change until cancelled, which is no error. The right to
  // write the index is held during a refresh only.
  Status Watch(const IndexRequest& request, const WatchSink& sink,
               const ProgressSink& progress = {}, const CancellationToken* cancel = nullptr);
  Result<SearchReport> Search(const SearchRequest& request, const ProgressSink& progress = {},
                              const CancellationToken* cancel = nullptr);
  // What is like the code at a place. Needs no model: a chunk is compared by its words and by its
  // vector, where it has one.
  Result<SearchReport> FindRelated(const RelatedRequest& request, const ProgressSink& progress = {},
                                   const CancellationToken* cancel = nullptr);
  Result<StatusReport> IndexStatus(const StatusRequest& request);
  // Removes the index whose root is `directory`, and nothing that it does not recognise.
  Result<ClearReport> Clear(const std::filesystem::path& directory);

  // Making vectors elsewhere: scripts/embed_texts.py turns the one file into the other. Only for
  // indexes of precision f32.
  Result<ExportReport> ExportTexts(const std::filesystem::path& directory,
                                   const std::filesystem::path& file,
                                   const CancellationToken* cancel = nullptr);
  Result<ImportReport> ImportVectors(const std::filesystem::path& directory,
                                     const std::filesystem::path& file,
                                     const CancellationToken* cancel = nullptr);

  // An index in one file, without what means something on this machine only. Whoever writes the
  // index meanwhile is not disturbed.
  Result<SnapshotSummary> ExportSnapshot(const SnapshotExportRequest& request,
                                         const CancellationToken* cancel = nullptr);
  // By the file's first bytes and its length.
  Result<SnapshotSummary> DescribeSnapshot(const std::filesystem::path& file);
  // Makes a folder's index of it, in one step, and refreshes that: files are compared by content.
  // kFailedPrecondition where the folder has an index, unless it is to be replaced.
  Result<SnapshotImportReport> ImportSnapshot(const SnapshotImportRequest& request,
                                              const ProgressSink& progress = {},
                                              const CancellationToken* cancel = nullptr);

  // Collections on a Qdrant server: QDRANT_URL or the settings name it, QDRANT_API_KEY holds its
  // key. `name` may be an alias.
  // Whether one is named, not whether it answers; false where settings cannot be read.
  bool HasQdrantServer() const;
  Result<CollectionList> ListCollections(const CancellationToken* cancel = nullptr);
  Result<CollectionDetails> DescribeCollection(const std::string& name,
                                               const CancellationToken* cancel = nullptr);
  Result<CollectionVerification> VerifyCollection(const CollectionVerifyRequest& request,
                                                  const CancellationToken* cancel = nullptr);
  // Results of several collections, whoever made them, as they are.
  Result<CollectionSearchReport> SearchCollections(const CollectionSearchRequest& request,
                                                   const CancellationToken* cancel = nullptr);
  // Copies a collection into one of the chosen model. A run that was stopped, even killed, is
  // continued by the next. kPermissionDenied where a remote model would get its texts, and nobody
  // has agreed to that yet.
  Result<MigrationReport> MigrateCollection(const MigrationRequest& request,
                                            const CollectionProgressSink& progress = {},
                                            const CancellationToken* cancel = nullptr);
  // Making a collection's vectors elsewhere: scripts/embed_texts.py turns the one file into the
  // other, and a migration of precision f32 finds the vectors in the embedding cache.
  Result<CollectionExportReport> ExportCollection(const std::string& name,
                                                  const std::string& text_key,
                                                  const std::filesystem::path& file,
                                                  const CancellationToken* cancel = nullptr);
  Result<VectorsCachedReport> CacheVectors(const std::filesystem::path& file,
                                           const CancellationToken* cancel = nullptr);
  // Makes a collection hold the chunks and vectors of the index that covers a directory.
  // kPermissionDenied where that sends sources to another machine, and nobody has agreed to it yet.
  Result<IndexPushReport> PushIndex(const IndexPushRequest& request,
                                    const CancellationToken* cancel = nullptr);
  // Puts the vectors of a collection that coderank made into the embedding cache, from where
  // indexing takes them. Refused where its model is not installed as it was, or did not make them.
  Result<VectorPullReport> PullVectors(const std::string& name,
                                       const CancellationToken* cancel = nullptr);
  // Gives a name that a migration took back to what had it.
  Result<RollbackReport> RollBackCollection(const std::string& name,
                                            const CancellationToken* cancel = nullptr);

  // The embedding cache: what is in it, without what was not used for longest, removed.
  Result<CacheReport> DescribeCache();
  Result<CacheReport> TrimCache();
  Result<CacheReport> ClearCache();

  // Derives the record from a folder in the Hugging Face layout and copies the files.
  // `name` empty: the folder's name. `replace`: take the place of a different model.
  Result<ModelAddition> AddModel(const std::filesystem::path& folder, std::string name,
                                 bool replace, const CancellationToken* cancel = nullptr);
  // Installs a model that another machine computes, after a try with a text of this program's own.
  Result<ModelAddition> ConnectModel(const RemoteModelRequest& request,
                                     const CancellationToken* cancel = nullptr);
  // Downloads a model and installs it; licence and size go to the log first. A pull that was
  // stopped, even killed, is continued by the next.
  Result<ModelPullReport> PullModel(const ModelPullRequest& request,
                                    const ModelPullProgressSink& progress = {},
                                    const CancellationToken* cancel = nullptr);
  // Indexes of the model stay, and say what is missing when they are used. kNotFound names the
  // installed ones.
  Result<ModelRemoval> RemoveModel(std::string_view name,
                                   const CancellationToken* cancel = nullptr);
  Result<std::vector<ModelSummary>> ListModels();
  // Hashes every file again; kCorrupt names the first that differs.
  Result<ModelSummary> VerifyModel(std::string_view name,
                                   const CancellationToken* cancel = nullptr);
  // What is known of a model without loading it. `name` empty: the configured or only embedder.
  Result<ModelSummary> FindModel(std::string_view name);
  // `name` empty: the configured or only embedder.
  Result<std::unique_ptr<EmbeddingModel>> OpenModel(std::string_view name);
  // A cross-encoder or, by its name only, a generator. `name` empty: the only cross-encoder, or the
  // known one among several.
  Result<std::unique_ptr<RerankModel>> OpenReranker(std::string_view name);

  Result<DoctorReport> Doctor(const std::filesystem::path& directory);

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace coderank
