// What the parts of Engine share.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/thread_pool.h"
#include "base/user_folders.h"
#include "coderank/engine.h"
#include "engine/config.h"
#include "engine/engine_share.h"
#include "engine/index_location.h"
#include "engine/model_store.h"
#include "engine/named_collection.h"
#include "engine/opened_indexes.h"
#include "engine/tree_changes.h"
#include "kernels/kernel_set.h"
#include "qdrant/client.h"
#include "search/dense_source.h"
#include "source/walker.h"
#include "store/embedding_cache.h"
#include "store/index_store.h"

namespace coderank {

// A model that was chosen and not loaded yet.
struct ModelChoice {
  std::string name;
  Config config;  // under which its record has the index's fingerprint
};

// What an index says about the encoder of its vectors.
struct IndexedEncoder {
  std::string fingerprint;  // empty: it has no vectors yet
  uint32_t max_tokens = 0;  // that was asked for; 0: the model's own
};

// How long a server is waited for.
enum class Patience { kWork, kSearch };

// What one run of the indexer is to do.
struct RunSettings {
  const IndexLocation& location;
  const Config& config;
  std::string walk_switches;
  double embedding_seconds = 0;          // 0: as long as it takes
  const TreeChanges* changes = nullptr;  // null: the whole tree
  bool explain_budget = true;            // see IndexRequest
  bool agreed = false;                   // see IndexRequest
  // The collection may be told later, where its server does not answer at once.
  bool may_lag = false;
  Patience patience = Patience::kWork;  // with a server that answers
};

// What texts belong to that may leave the machine when the user agrees, once for each.
struct TextsOwner {
  std::string name;       // "/home/me/project", "collection docs on http://localhost:6333"
  std::string_view kind;  // "tree", "collection"
};

struct SearchedIndex;  // of searched_index.h
struct Question;

struct Engine::State {
  class TreeWatch;  // of Engine::Watch
  class Reranking;  // of Engine::Search
  struct TreeLook;  // of RefreshIfCheap
  struct Exchange;  // of Engine::ExportTexts and ImportVectors

  EngineOptions options;
  UserFolders folders;
  const kernels::KernelSet* kernels = nullptr;
  std::shared_ptr<ThreadPool> pool;             // made on first use, by Pool()
  std::shared_ptr<const LoadedModel> loaded;    // the last model used
  std::shared_ptr<const LoadedReranker> judge;  // the last cross-encoder used
  std::shared_ptr<LoadedListwise> ranker;       // the last generator used
  OpenedIndexes opened;
  std::set<std::string> noted;     // in the log
  std::vector<std::string> notes;  // of the call under way, for its report

  Result<Config> ConfigFor(const std::filesystem::path& root) const;
  IndexLocator LocatorFor(const Config& config) const;
  ModelSettings SettingsOf(const Config& config) const;
  ModelStore ModelsOf(const Config& config) const;
  EmbeddingCache CacheOf(const Config& config) const;
  // Of snapshots that are unpacked.
  std::filesystem::path SnapshotFolder() const { return folders.cache / "snapshots"; }
  ThreadPool& Pool(const Config& config);
  // kInvalidArgument where no server is configured.
  Result<qdrant::Client> OpenQdrant(const Config& config, const CancellationToken* cancel) const;
  Result<qdrant::Client> OpenQdrantAt(const std::string& url, Patience patience,
                                      const CancellationToken* cancel) const;
  // kPermissionDenied where texts would go to another machine without the user's consent. `what` is
  // asked only then, as it has to count them.
  Status CheckAgreed(const std::string& url, const TextsOwner& owner, bool agreed,
                     FunctionRef<Result<std::string>()> what) const;
  // The same for texts of a tree.
  Status CheckAgreed(const std::string& url, const std::filesystem::path& root, bool agreed,
                     FunctionRef<Result<std::string>()> what) const;
  // Installed embedders whose vectors have that many numbers.
  Result<std::vector<std::string>> EmbeddersOfSize(const Config& config, uint64_t size) const;
  // The model by what the caller chose, the user's settings, the collection's own mark, or by the
  // size of its vectors where one model fits; refused where the sizes differ.
  Result<CollectionModel> ModelOfCollection(const Config& config, qdrant::Client& client,
                                            const NamedCollection& collection,
                                            const std::string& text_key);
  // Refused where a guessed model did not make the collection's vectors; one that was named gets a
  // note.
  Status ConfirmModel(qdrant::Client& client, const NamedCollection& collection,
                      const CollectionModel& chosen, const CancellationToken* cancel);
  // By syntax where the program can parse in processes of its own, else by lines.
  std::unique_ptr<Chunker> MakeChunker(const Config& config);
  // Tells the log once, however often a call comes by, and the report of each call.
  void Note(const std::string& text);
  void Note(const std::vector<std::string>& texts);
  void NoteInReport(const std::string& text);

  // The name to use: what the caller chose for this call, else what the index recorded, else the
  // configured, the default or the only installed model.
  Result<std::string> ChooseModel(const Config& config, const std::string& recorded) const;
  // A name that the caller gave for this call, else ChooseModel.
  Result<std::string> NameOrChosen(const Config& config, std::string_view name) const;
  // An installed model that makes vectors.
  Result<InstalledModel> FindEmbedder(const Config& config, std::string_view name) const;
  Result<std::shared_ptr<const LoadedModel>> Load(const Config& config, const std::string& name);
  // kPermissionDenied where its key is missing. Asks nobody yet.
  Result<std::unique_ptr<Embedder>> OpenRemote(const InstalledModel& installed) const;
  // A cross-encoder or a generator. `name` empty: the only one of that kind, or the known one among
  // several. kNotFound when there is no such model, or none.
  Result<InstalledModel> FindReranker(const Config& config, std::string_view name,
                                      ModelKind kind) const;
  Result<std::shared_ptr<const LoadedReranker>> LoadReranker(const Config& config,
                                                             const InstalledModel& installed);
  Result<std::shared_ptr<LoadedListwise>> LoadListwise(const Config& config,
                                                       const InstalledModel& installed);
  Config AsIndexed(const Config& config, const std::string& model,
                   const IndexedEncoder& indexed) const;
  // ChooseModel, refused when the index holds vectors of another fingerprint. kNotFound when there
  // is no such model, or none.
  Result<ModelChoice> ChooseFor(const Config& config, const IndexStore& store) const;
  Result<std::optional<ModelChoice>> ChooseForIndexing(const Config& config,
                                                       const IndexStore& store, bool whole_tree);
  // Before an index is begun: whether ChooseForIndexing would fail.
  Status CheckModel(const Config& config) const;
  // ChooseFor and Load.
  Result<std::shared_ptr<const LoadedModel>> LoadFor(const Config& config, const IndexStore& store);

  // Where the vectors of an index are to be searched from now on. Refused where that would send
  // texts to another machine without consent; kUnavailable where the server does not answer.
  Status PlaceVectors(IndexStore& store, const IndexLocation& location, const IndexRequest& request,
                      const Config& user_config, Patience patience,
                      const CancellationToken* cancel);
  // Brings the collection up to date, where the index has one. Adds to the counts of `report`.
  Status FollowInCollection(IndexStore& store, const RunSettings& settings,
                            std::optional<IndexCollection>& report, const ProgressSink& progress,
                            const CancellationToken* cancel);
  // The model to give texts of the index to. No value, which a note explains: there is none that
  // may have them, and words do.
  Result<std::shared_ptr<const LoadedModel>> LoadForIndexing(const ModelChoice& choice,
                                                             const RunSettings& settings,
                                                             const IndexStore& store);
  // Engine::Index, for a call that may have notes already. `may_lag`: see RunSettings; an index
  // whose vectors were to go to a server that does not answer keeps them in files.
  Result<IndexReport> Build(const IndexRequest& request, const ProgressSink& progress,
                            const CancellationToken* cancel, bool may_lag = false);
  // What a run of the indexer says of its vectors.
  LogSink VectorLog(bool explain_budget);
  // `store` is open for writing.
  Result<IndexReport> RunIndexer(IndexStore& store, const RunSettings& settings,
                                 const ProgressSink& progress, const CancellationToken* cancel);
  // Compares tree and index, by FollowedTrees or for a few hundredths of a second.
  Result<TreeLook> LookAtTree(const IndexLocation& location, const Config& config,
                              const OpenedIndex& index, const CancellationToken* cancel) const;
  // Where little changed, and nobody else writes the index, the changes are taken in at once, with
  // little time for their vectors. Fails only when cancelled: an index that cannot be refreshed can
  // be searched.
  Result<Freshness> RefreshIfCheap(const IndexLocation& location, const OpenedIndex& index,
                                   const CancellationToken* cancel);
  // The model that answers a search, or null where words alone do: asked for, or as there is no
  // vector. Where there are vectors but their model is not there any more, hybrid search goes on
  // with words.
  Result<std::shared_ptr<const LoadedModel>> ModelForSearch(const SearchedIndex& index,
                                                            SearchMode mode);
  // Opens the index that covers a folder, made here where there is none (or not opened, where the
  // request says so), and refreshed where that is cheap. Without a model.
  Result<SearchedIndex> OpenForSearch(const std::filesystem::path& directory,
                                      const SearchRequest& request, const ProgressSink& progress,
                                      const CancellationToken* cancel);
  // The same for a snapshot: as it is.
  Result<SearchedIndex> OpenSnapshot(const std::filesystem::path& file,
                                     const CancellationToken* cancel);
  // What holds the vectors of an index; null where there are none.
  Result<std::unique_ptr<DenseSource>> DenseSourceOf(const SearchedIndex& index,
                                                     const Question& question);
  // The server that may be asked for an index's vectors.
  Result<qdrant::Client*> ServerOf(const SearchedIndex& index, const CancellationToken* cancel);
  // Fills the report's results and what they rest on. `reranking` null: none.
  Status Answer(const Question& question, std::vector<SearchedIndex>& indexes, SearchReport& report,
                Reranking* reranking = nullptr);

  Result<std::optional<IndexLocation>> FindIndex(const std::filesystem::path& directory);
  // The folder to search for code like that of a file, before a wrong one is indexed: `directory`,
  // or the indexed tree below it that has the file. kInvalidArgument where the file lies elsewhere,
  // kNotFound where there is none.
  Result<std::filesystem::path> FolderOfPlace(const std::filesystem::path& directory,
                                              const std::filesystem::path& file);
};

// By a flag or the environment, not by a file.
bool ModelIsChosenNow(const Config& config);

// The walk that an index is made with. Its switches are kept in the index, so that `status` can
// explain a path by the same rules.
WalkOptions WalkOptionsOf(const Config& config, std::string_view switches);
std::string WalkSwitches(const IndexRequest& request);
double BudgetSeconds(const IndexRequest& request, const Config& config);
inline constexpr std::string_view kMetaWalkSwitches = "walk";

Status SetMetaWhereDifferent(IndexStore& store, std::string_view key, std::string_view value);

// kNotFound: none covers the folder, and how to make one.
Status NoIndex(const std::filesystem::path& directory);

// "the texts of 12 chunks", for CheckAgreed.
Result<std::string> TextsOf(const IndexStore& store);

Coverage CoverageOf(const StoreCounts& counts, bool complete);

}  // namespace coderank
