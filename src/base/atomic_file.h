// A file that is written piece by piece and then stands in its place whole, or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "coderank/result.h"

namespace coderank {

// Writes to a temporary file beside `path`; without Commit() nothing remains. Mode 0600. Pieces
// are gathered, so they may be small. Not thread-safe.
class AtomicFile {
 public:
  static Result<AtomicFile> Create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&&) noexcept = default;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Status Append(std::string_view bytes);
  uint64_t size() const { return written_ + pending_.size(); }
  // Replaces what was appended before, for headers that are known last.
  Status Overwrite(uint64_t offset, std::string_view bytes);
  // Makes it durable and puts it in place.
  Status Commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, UniqueFd fd);
  Status Flush();
  Status WriteAt(uint64_t offset, std::string_view bytes);

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty once it is in place
  UniqueFd fd_;
  std::string pending_;
  uint64_t written_ = 0;
};

}  // namespace coderank
