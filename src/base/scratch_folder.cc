#include "base/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/file.h"

namespace coderank {

Result<ScratchFolder> ScratchFolder::Create() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) return ErrnoStatus(error.value(), "TMPDIR", "is no folder for temporary files");
  std::string path = (parent / "coderank-XXXXXX").native();
  if (::mkdtemp(path.data()) == nullptr) {
    return ErrnoStatus(errno, path, "cannot create a temporary folder");
  }
  return ScratchFolder(path);
}

ScratchFolder::~ScratchFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace coderank
