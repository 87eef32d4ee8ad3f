// A Qdrant server: its collections, aliases and points.
//
// Everything here may be called again after a failure: collections are made only where they are not
// there, points have ids of their own and are written whole, aliases are set and not added. Calls
// that write return when the server has done it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "qdrant/collection_info.h"
#include "qdrant/point.h"
#include "qdrant/rest_client.h"

namespace coderank::qdrant {

// Points a page of scrolling, of texts of some kilobytes.
inline constexpr uint32_t kPage = 256;

struct Snapshot {
  std::string name;
  uint64_t size = 0;     // bytes
  std::string checksum;  // hex SHA-256; "": the server does not say
};

struct ScrollRequest {
  std::optional<PointId> from;  // the first to give
  uint32_t limit = kPage;
  bool payloads = true;
  bool vectors = false;
  std::string vector_name;  // "": the unnamed one
};

struct Page {
  std::vector<Point> points;    // by ascending ids
  std::optional<PointId> next;  // no value: that was the last page
};

struct SearchRequest {
  std::span<const float> vector;
  std::string vector_name;  // "": the unnamed one
  uint32_t limit = 10;
  Json filter;            // null: none
  bool exact = false;     // look at every vector
  bool quantized = true;  // take candidates by quantised vectors, and rescore them by the originals
  double oversampling = kOversampling;    // candidates for each wanted, before rescoring
  std::vector<std::string> payload_keys;  // that are wanted; empty: the whole payload
};

struct SearchReply {
  std::vector<ScoredPoint> points;  // best first
  double seconds = 0;               // in the server
};

// Not thread-safe.
class Client {
 public:
  static Result<Client> Open(Options options);

  Result<std::string> Version();
  // Whether collections may be spread over several machines.
  Result<bool> IsCluster();
  Result<std::vector<std::string>> ListCollections();
  // Alias -> collection.
  Result<std::map<std::string, std::string>> ListAliases();
  // kNotFound when there is none; an alias is followed.
  Result<CollectionInfo> Describe(const std::string& collection);
  // Whether a collection has this very name: an alias is none.
  Result<bool> HasCollection(const std::string& name);

  Status Create(const std::string& collection, const NewCollection& parameters);
  // Adds to what the collection keeps about itself.
  Status SetMetadata(const std::string& collection, const Json& metadata);
  // From so many kilobytes of vectors a segment gets its graph.
  Status SetIndexing(const std::string& collection, uint64_t threshold);
  Status CreatePayloadIndex(const std::string& collection, const PayloadIndex& index);
  // One that is not there is no error.
  Status Delete(const std::string& collection);
  // In one step. kFailedPrecondition where a collection has the alias' name.
  Status SetAlias(const std::string& alias, const std::string& collection);
  Status DeleteAlias(const std::string& alias);

  // Makes a snapshot on the server.
  Result<Snapshot> CreateSnapshot(const std::string& collection);
  // Fetches one into a file and checks its SHA-256, where the server says it.
  Status FetchSnapshot(const std::string& collection, const Snapshot& snapshot,
                       const std::filesystem::path& file);
  // Makes a collection of that name of a snapshot's file.
  Status Recover(const std::string& collection, const std::filesystem::path& file);

  // In batches below the server's limit of a request; one that is too large all the same is halved.
  Status Upsert(const std::string& collection, std::span<const Point> points,
                const std::string& vector_name = {});
  Status DeletePoints(const std::string& collection, std::span<const PointId> ids);
  // Those whose payload has this text at a key.
  Status DeleteWhere(const std::string& collection, const std::string& key,
                     const std::string& value);
  Result<uint64_t> Count(const std::string& collection);
  Result<Page> Scroll(const std::string& collection, const ScrollRequest& request);
  // Those of the ids that are there, in no order.
  Result<std::vector<Point>> Retrieve(const std::string& collection, std::span<const PointId> ids,
                                      bool vectors, const std::string& vector_name = {});
  // Some points taken at random, with their vectors; all where there are fewer.
  Result<std::vector<Point>> Sample(const std::string& collection, uint32_t count,
                                    const std::string& vector_name = {});
  Result<SearchReply> Search(const std::string& collection, const SearchRequest& request);

  // Of the calls from now on; borrowed.
  void set_cancel(const CancellationToken* cancel) { rest_.set_cancel(cancel); }

  const std::string& url() const { return rest_.url(); }

 private:
  explicit Client(RestClient rest) : rest_(std::move(rest)) {}
  Status ChangeAliases(Json actions);
  Result<SearchReply> Query(const std::string& collection, const Json& body,
                            const std::string& vector_name);
  Status SendBatch(const std::string& collection, std::span<const std::string> points);

  RestClient rest_;
};

}  // namespace coderank::qdrant
