// A folder of its own for a test, removed at the end.
#pragma once

#include <filesystem>
#include <string_view>

namespace coderank::testing {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Writes a file below the folder, creating its parents; aborts the test program on failure.
  void Write(const std::filesystem::path& relative, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace coderank::testing
