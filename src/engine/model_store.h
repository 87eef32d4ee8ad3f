// The installed models: one folder each, `<models>/<name>/`, with copies of the model's files and
// the record derived from them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/models.h"
#include "coderank/result.h"
#include "engine/model_origin.h"
#include "kernels/kernel_set.h"
#include "model/model_record.h"
#include "remote/remote_model.h"

namespace coderank {

// Of a record's architecture: the model runs on another machine.
inline constexpr std::string_view kRemoteArchitecture = "remote";

struct RemoteInstallation {
  RemoteModel model;
  RemoteAccess access;
};

struct InstalledModel {
  ModelRecord record;
  std::filesystem::path folder;
  std::optional<ModelOrigin> origin;         // of a downloaded model
  std::optional<RemoteInstallation> remote;  // of a remote one
};

// What the user decides about every model.
struct ModelSettings {
  std::string precision{kPrecisionFloat};
  uint32_t max_tokens = 0;            // of an embedder; 0: the record's
  std::filesystem::path pack_folder;  // for packed weights whose model's folder is read-only
};

// The record of a model under these settings: another fingerprint. An encoder has int8 where int4
// is asked for. Of a remote model they decide nothing.
ModelRecord WithSettings(ModelRecord record, const ModelSettings& settings);

class ModelStore {
 public:
  // The records that it gives are under `settings`; those on disk are as the models were made.
  ModelStore(std::filesystem::path folder, ModelSettings settings)
      : folder_(std::move(folder)), settings_(std::move(settings)) {}

  // Sorted by name. A folder without a readable record is an error that names it.
  Result<std::vector<InstalledModel>> List() const;
  // kNotFound names the installed ones and the way to install.
  Result<InstalledModel> Find(std::string_view name) const;

  struct Addition {
    InstalledModel model;
    bool already_installed = false;
  };
  struct Request {
    std::filesystem::path source;
    std::string name;      // empty: the source folder's name
    bool replace = false;  // take the place of a different model
    // The files are ours and synced: link them where the file system can, instead of copying.
    bool take_files = false;
    std::optional<ModelOrigin> origin;  // no value: that of the source, if it is installed itself
  };
  // Copies the files, loads them once to be sure that they work, and puts the folder in place in
  // one step. What is in place is on disk, too. `source` is a folder or a GGUF file; `name` empty:
  // the source's name.
  Result<Addition> Add(const Request& request, ThreadPool& pool,
                       const CancellationToken* cancel = nullptr) const;
  // Writes the files of a remote model; the record names the one that decides its vectors. Replaces
  // what is there.
  Result<Addition> Connect(const ModelRecord& record, const RemoteInstallation& remote,
                           const CancellationToken* cancel = nullptr) const;

  // Takes the model's folder out of this one, in one step, and removes it: a damaged one too. What
  // it was made from is not touched. kNotFound names the installed ones.
  Result<ModelRemoval> Remove(std::string_view name,
                              const CancellationToken* cancel = nullptr) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  Result<Addition> Install(const Request& request, const ModelRecord& record, ThreadPool& pool,
                           const CancellationToken* cancel) const;

  InstalledModel UnderSettings(InstalledModel model) const;

  std::filesystem::path folder_;
  ModelSettings settings_;
};

ModelSummary Summarise(const InstalledModel& model);

}  // namespace coderank
