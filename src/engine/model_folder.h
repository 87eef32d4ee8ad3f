// ModelFolder: the folder of a model while it is made, beside those of the installed models, so
// that it can be renamed into place.
#pragma once

#include <filesystem>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

// Removed at the end unless it was put in place.
class ModelFolder {
 public:
  // Removes what others left that were killed. The caller holds the lock of `models`, so none of it
  // is in use.
  static Result<ModelFolder> Begin(const std::filesystem::path& models);

  ModelFolder(ModelFolder&& other) noexcept;
  ModelFolder& operator=(ModelFolder&&) = delete;
  ~ModelFolder();

  const std::filesystem::path& path() const { return path_; }

  // As the model `name`, in one step, so that a kill leaves either this or what had the name. It is
  // on disk when this returns.
  Result<std::filesystem::path> PutInPlace(std::string_view name) const;

 private:
  explicit ModelFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace coderank
