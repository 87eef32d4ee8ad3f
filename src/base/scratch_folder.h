// A temporary folder that is removed with everything in it, unless it gets a name.
#pragma once

#include <filesystem>
#include <utility>

#include "coderank/result.h"

namespace coderank {

class ScratchFolder {
 public:
  // In the system's folder for temporary files (TMPDIR), mode 0700.
  static Result<ScratchFolder> Create();
  // In a folder of the caller's, where what is made is to stay or needs much space.
  static Result<ScratchFolder> CreateIn(const std::filesystem::path& parent);
  ScratchFolder(ScratchFolder&& other) noexcept { path_.swap(other.path_); }
  ScratchFolder& operator=(ScratchFolder&& other) noexcept {
    path_.swap(other.path_);
    return *this;
  }
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }
  // Gives it a name in one step; from then on it stays. kFailedPrecondition where that is taken.
  Status RenameTo(const std::filesystem::path& name);

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace coderank
