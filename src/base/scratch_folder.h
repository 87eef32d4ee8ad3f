// A temporary folder that is removed with everything in it.
#pragma once

#include <filesystem>
#include <utility>

#include "coderank/result.h"

namespace coderank {

class ScratchFolder {
 public:
  // In the system's folder for temporary files (TMPDIR), mode 0700.
  static Result<ScratchFolder> Create();
  ScratchFolder(ScratchFolder&& other) noexcept { path_.swap(other.path_); }
  ScratchFolder& operator=(ScratchFolder&& other) noexcept {
    path_.swap(other.path_);
    return *this;
  }
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace coderank
