// Moving a collection to another model: NAME -> NAME__MODEL, and the name with it where asked for.
//
// The order of steps makes every instant safe to be killed at. The target is made with a mark that
// says what it is, points are copied until a comparison finds no difference, a sample of vectors is
// made again, and only then the mark says "complete", and the name can be taken (name_switch.h).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/collections.h"
#include "coderank/log.h"
#include "coderank/result.h"
#include "migration/collection_mark.h"
#include "migration/document_vectors.h"
#include "migration/reconcile.h"
#include "migration/server_names.h"
#include "migration/texts_ahead.h"
#include "migration/truncation_log.h"
#include "qdrant/client.h"

namespace coderank {

struct MigrationContext {
  qdrant::Client& client;
  DocumentVectors& vectors;
  std::string model;
  std::string fingerprint;
  std::filesystem::path state_folder;     // for what a run has to remember
  std::filesystem::path snapshot_folder;  // for collections that are deleted
  // Of a model on another machine, empty of others. `consent` is asked before the first text is
  // given to it: kPermissionDenied ends a migration, and keeps a dry run from measuring the time.
  // `announce` is told before the work begins.
  std::function<Status(const TextsAhead&)> consent;
  std::function<void(const TextsAhead&)> announce;
  LogSink log;
  CollectionProgressSink progress;
  const CancellationToken* cancel = nullptr;
};

// "NAME__MODEL": the collection that a migration makes.
std::string MigrationTarget(const std::string& name, const std::string& model);

// Not thread-safe.
class Migration {
 public:
  Migration(MigrationContext context, MigrationRequest request)
      : context_(std::move(context)), request_(std::move(request)) {}

  Result<MigrationReport> Run();

 private:
  Status FindSource();
  Status ReportTaken();
  Status ChooseText();
  Status CountAhead();
  Status Estimate();
  Status PrepareTarget();
  Status CreateTarget(const qdrant::CollectionInfo& source);
  Result<ReconcilePass> Compare(std::string_view phase);
  Status Copy();
  Status NeverRests() const;
  Status CheckVectors();
  Status TakeName();
  Result<TruncationLog> OpenTruncationLog() const;
  void WarnOfTruncation() const;

  MigrationContext context_;
  MigrationRequest request_;
  MigrationReport report_;
  ServerNames names_;
  std::string source_;   // the collection that the name leads to; "": an earlier run has deleted it
  CollectionMark mark_;  // of the target
  std::vector<qdrant::Point> sample_;
  TextsAhead ahead_;
};

}  // namespace coderank
