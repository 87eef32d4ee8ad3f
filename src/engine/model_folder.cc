#include "engine/model_folder.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".adding-";

void RemoveAbandoned(const fs::path& models) {
  std::error_code ignored;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(models, ignored)) {
    if (entry.path().filename().native().starts_with(kPrefix)) found.push_back(entry.path());
  }
  for (const fs::path& folder : found) fs::remove_all(folder, ignored);
}

}  // namespace

Result<ModelFolder> ModelFolder::Begin(const fs::path& models) {
  RemoveAbandoned(models);
  std::string name = (models / StrCat(kPrefix, "XXXXXX")).native();
  if (::mkdtemp(name.data()) == nullptr) {
    return ErrnoStatus(errno, models, "cannot create a folder");
  }
  return ModelFolder(name);
}

ModelFolder::ModelFolder(ModelFolder&& other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

ModelFolder::~ModelFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

// What stood at the name is exchanged with this folder and so removed with it.
Result<fs::path> ModelFolder::PutInPlace(std::string_view name) const {
  const fs::path target = path_.parent_path() / name;
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) != 0) {
    // Nothing to exchange with, or a file system that cannot.
    if (errno != ENOENT) {
      std::error_code ignored;
      fs::remove_all(target, ignored);
    }
    if (::rename(path_.c_str(), target.c_str()) != 0) {
      return ErrnoStatus(errno, target, "cannot install the model");
    }
  }
  CODERANK_TRY(SyncFolder(path_.parent_path()));
  return target;
}

}  // namespace coderank
