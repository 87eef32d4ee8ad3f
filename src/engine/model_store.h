// The installed models: one folder each, `<models>/<name>/`, with copies of the model's files and
// the record derived from them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/models.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "model/model_record.h"

namespace coderank {

struct InstalledModel {
  ModelRecord record;
  std::filesystem::path folder;
};

class ModelStore {
 public:
  explicit ModelStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Sorted by name. A folder without a readable record is an error that names it.
  Result<std::vector<InstalledModel>> List() const;
  // kNotFound names the installed ones and the way to install.
  Result<InstalledModel> Find(std::string_view name) const;

  struct Addition {
    InstalledModel model;
    bool already_installed = false;
  };
  // Copies the files, loads them once to be sure that they work, and puts the folder in place in
  // one step. `source` is a folder or a GGUF file; `name` empty: the source's name.
  Result<Addition> Add(const std::filesystem::path& source, std::string name, bool replace,
                       ThreadPool& pool) const;

 private:
  Result<Addition> Install(const std::filesystem::path& source, const ModelRecord& record,
                           ThreadPool& pool) const;

  std::filesystem::path folder_;
};

ModelSummary Summarise(const InstalledModel& model);

}  // namespace coderank
