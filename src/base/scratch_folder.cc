#include "base/scratch_folder.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/file.h"
#include "base/strings.h"

namespace coderank {

Result<ScratchFolder> ScratchFolder::Create() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) return ErrnoStatus(error.value(), "TMPDIR", "is no folder for temporary files");
  return CreateIn(parent);
}

Result<ScratchFolder> ScratchFolder::CreateIn(const std::filesystem::path& parent) {
  std::string path = (parent / "coderank-XXXXXX").native();
  if (::mkdtemp(path.data()) == nullptr) {
    return ErrnoStatus(errno, path, "cannot create a temporary folder");
  }
  return ScratchFolder(path);
}

Status ScratchFolder::RenameTo(const std::filesystem::path& name) {
  if (::rename(path_.c_str(), name.c_str()) == 0) {
    path_.clear();
    return OkStatus();
  }
  const int error = errno;
  if (error == EEXIST || error == ENOTEMPTY) {
    return FailedPrecondition(StrCat(name, ": is there already"));
  }
  return ErrnoStatus(error, name, "cannot name the folder");
}

ScratchFolder::~ScratchFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace coderank
