// Collections on a Qdrant server: what there is, moving one to another model, searching in them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coderank/rerank.h"

namespace coderank {

struct CollectionVector {
  std::string name;  // empty: the unnamed one
  uint64_t size = 0;
  std::string distance;  // "Cosine", "Dot", "Euclid", "Manhattan"
};

struct CollectionSummary {
  std::string name;
  std::vector<std::string> aliases;
  std::string status;  // "green": ready
  uint64_t points = 0;
  uint64_t indexed_vectors = 0;
  std::vector<CollectionVector> vectors;
  std::vector<std::string> sparse_vectors;
  std::string quantization;  // "binary", "scalar", ...; empty: none
  // Of one that coderank made; empty otherwise.
  std::string model;
  std::string fingerprint;
  std::string source;  // the collection it was made from
  std::string state;   // "loading", "complete", "switched", ...
};

struct CollectionList {
  std::string url;
  std::string version;                         // of the server
  std::vector<CollectionSummary> collections;  // by name
};

// A place in the payloads that holds texts.
struct PayloadText {
  std::string key;   // a path: "text", "metadata.text"
  double share = 0;  // of the points looked at that have it
  double mean_bytes = 0;
};

struct CollectionDetails {
  CollectionSummary summary;
  std::vector<std::string> payload_indexes;
  uint64_t sampled = 0;             // points looked at
  std::vector<PayloadText> texts;   // the likeliest to be what was embedded first
  std::vector<std::string> models;  // installed ones whose vectors have its size
};

struct CollectionProgress {
  std::string collection;
  std::string phase;  // "copying", "comparing", "optimising"
  uint64_t done = 0;  // points of the source
  uint64_t total = 0;
  double seconds = 0;  // in this phase
};
// Called on the calling thread, a few times a second.
using CollectionProgressSink = std::function<void(const CollectionProgress&)>;

struct CollectionVerifyRequest {
  std::string name;      // or an alias
  std::string text_key;  // empty: what its record or the user's settings say, else the likeliest
};

struct CollectionVerification {
  CollectionSummary summary;
  std::string model;  // that the sample was embedded with
  std::string text_key;
  uint64_t counted = 0;  // points, counted now
  uint64_t sampled = 0;
  double least_cosine = 0;          // between a stored vector and its text embedded now
  std::vector<std::string> faults;  // what is not as it should be; empty: all is well
};

struct MigrationRequest {
  std::string source;    // a collection or an alias
  std::string text_key;  // empty: the likeliest
  bool dry_run = false;  // look, count and estimate; write nothing
  // Give the new collection the source's name as an alias. Where a collection has that name it is
  // saved to a file, checked and deleted first.
  bool take_name = false;
  bool split = false;                     // make further points of what the model cuts off
  bool prune = false;                     // remove points of a finished target that the source lost
  bool agreed = false;                    // that texts leave the machine, for a remote model
  std::filesystem::path snapshot_folder;  // empty: coderank's data folder
  // Before a name is taken the server makes the graph of the new vectors. A segment's graph appears
  // in its counts when it is whole, and the largest take minutes: given up when nothing appears for
  // so long.
  std::chrono::seconds optimiser_patience{600};
};

struct MigrationReport {
  std::string source;  // as it was named
  std::string target;
  std::string model;
  std::string text_key;
  bool dry_run = false;
  uint64_t points = 0;
  uint64_t without_text = 0;  // they are kept, and no query finds them
  uint64_t truncated = 0;     // texts that the model's length limit cut
  uint64_t parts = 0;         // further points that hold what was cut off
  uint64_t written = 0;       // in this run
  uint64_t removed = 0;
  uint64_t embedded = 0;    // texts that the model read in this run
  uint64_t from_cache = 0;  // vectors that an earlier run had computed
  uint64_t passes = 0;      // comparisons until nothing differed
  uint64_t verified = 0;    // vectors of a sample that were made again
  double least_cosine = 0;  // among them
  bool took_name = false;
  std::filesystem::path snapshot;  // of the deleted collection
  double gap_seconds = 0;          // in which the name led nowhere
  double seconds = 0;
  // What was to be embedded, as estimated before it was; 0: not known, or nothing.
  double estimated_seconds = 0;   // of a dry run, and of a remote model
  uint64_t estimated_tokens = 0;  // of a remote model
  double estimated_usd = 0;
};

struct RollbackReport {
  std::string name;
  std::string from;  // the collection that had taken the name, which stays
  std::string to;    // what the name leads to now
  uint64_t points = 0;
  double gap_seconds = 0;
};

struct CollectionExportReport {
  std::filesystem::path file;
  std::string model;
  std::string text_key;
  uint64_t points = 0;  // of the collection
  uint64_t texts = 0;   // written: each once, and only those without a vector in the cache
};

struct IndexPushRequest {
  std::filesystem::path directory = ".";
  std::string collection;
  bool agreed = false;  // that sources leave the machine
};

struct IndexPushReport {
  std::filesystem::path root;
  std::string collection;
  std::string model;
  uint64_t points = 0;   // that the collection has now
  uint64_t pending = 0;  // chunks without a vector: they come with a later push
  uint64_t written = 0;
  uint64_t removed = 0;
};

// Vectors of a collection, kept in the embedding cache.
struct VectorPullReport {
  std::string collection;
  std::string model;
  uint64_t points = 0;
  uint64_t vectors = 0;  // of points with a text; equal texts count once
};

struct VectorsCachedReport {
  std::string model;
  uint64_t vectors = 0;
};

// A payload key that has to have a value; a number, true and false are found as such too.
struct PayloadFilter {
  std::string key;
  std::string value;
};

struct CollectionSearchRequest {
  std::string query;
  // Collections or aliases, of which the results are merged. None: an error that names all.
  std::vector<std::string> names;
  std::string text_key;  // of all of them; empty: see CollectionVerifyRequest
  uint32_t limit = 10;
  uint32_t candidates = 100;           // taken from each collection
  bool exact = false;                  // compare with every vector, without quantization and graph
  std::vector<PayloadFilter> filters;  // apply before the best are chosen
  uint32_t max_tokens = 0;             // shorten texts to about so many tokens in all; 0: do not
  bool judge = false;       // judge the best again by a cross-encoder (coderank/rerank.h)
  std::string judge_model;  // empty: the only one, or the known one among several
  uint32_t judge_depth = 20;
  uint32_t judge_weight = 25;  // the judge's share in the order, in per cent
};

struct CollectionHit {
  std::string collection;
  std::string id;
  double score = 0;  // cosine, unless the collection has another distance
  std::optional<float> rerank_score;
  std::string text;
  bool text_cut = false;    // for max_tokens
  std::string place;        // file, address or title that the payload names; empty: none
  uint64_t start_line = 0;  // 0: unknown
  uint64_t end_line = 0;
  std::string payload;  // as JSON
};

struct SearchedCollection {
  std::string name;
  std::string model;
  std::string text_key;
  uint64_t hits = 0;     // candidates it gave
  double query_ms = 0;   // from asking to having the answer
  double server_ms = 0;  // of it in the server, as it says
};

struct CollectionSearchTimings {  // milliseconds
  double look_up = 0;  // what the collections are, and whether their vectors are the model's
  double load_model = 0;
  double embed = 0;
  double query = 0;
  double rerank = 0;
  double total = 0;
};

struct CollectionSearchReport {
  std::vector<CollectionHit> hits;  // best first
  std::vector<SearchedCollection> collections;
  // Scores of different models cannot be compared: then the collections' orders are merged by rank.
  bool by_rank = false;
  std::optional<RerankReport> rerank;
  CollectionSearchTimings timings;
};

}  // namespace coderank
