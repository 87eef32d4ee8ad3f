// Makes one collection hold what another holds, with vectors of another model.
//
// Both are read in the order of their ids, side by side. Points that the target lacks, or has with
// another payload, get a new vector and are written; points that only the target has are counted,
// and removed where that is asked for. So one and the same pass copies a collection, goes on after
// a kill, takes in what has changed since, and shows that nothing differs: it writes nothing then.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "migration/document_vectors.h"
#include "migration/truncation_log.h"
#include "qdrant/client.h"
#include "qdrant/point_cursor.h"

namespace coderank {

struct ReconcilePass {
  uint64_t points = 0;        // of the source
  uint64_t without_text = 0;  // of them: they get a vector of zeros, which no query is like
  uint64_t written = 0;
  uint64_t parts = 0;    // in the target, of texts that the model cuts (text_parts.h)
  uint64_t surplus = 0;  // only in the target
  uint64_t removed = 0;  // of these

  bool settled() const { return written == 0 && removed == 0; }
};

struct ReconcileSettings {
  std::string source;
  std::string target;
  std::string text_key;
  bool remove_surplus = false;
  bool split = false;  // texts that the model cuts become several points
};

// Called with the points of the source seen so far, at every one.
using ReconcileProgress = std::function<void(uint64_t)>;

// Not thread-safe. Borrows what it is made of.
class Reconciler {
 public:
  Reconciler(qdrant::Client& client, DocumentVectors& vectors, TruncationLog& truncated,
             ReconcileSettings settings)
      : client_(client), vectors_(vectors), truncated_(truncated), settings_(std::move(settings)) {}

  Result<ReconcilePass> Run(const ReconcileProgress& progress, const CancellationToken* cancel);

 private:
  Status Step(qdrant::PointCursor& source, qdrant::PointCursor& target, bool& more);
  Status TakeFromSource(qdrant::Point* from, const qdrant::Point* to);
  Result<std::vector<DocumentVector>> VectorsOfWaiting(const CancellationToken* cancel);
  Status Write(const CancellationToken* cancel);
  Status Remove();
  Status RemoveParts(const qdrant::PointId& parent);

  qdrant::Client& client_;
  DocumentVectors& vectors_;
  TruncationLog& truncated_;
  ReconcileSettings settings_;
  ReconcilePass pass_;
  std::vector<qdrant::Point> to_write_;
  std::vector<qdrant::PointId> changed_;  // of to_write_: may have parts in the target
  std::vector<qdrant::PointId> to_remove_;
};

}  // namespace coderank
