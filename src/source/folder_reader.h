// One folder of the tree, opened without following a link, with its entries in walking order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace coderank {

enum class EntryType : uint8_t { kFile, kFolder, kLink, kOther };

struct FolderEntry {
  std::string name;
  EntryType type = EntryType::kOther;
};

// The type of an entry as `stat` gives it in st_mode.
EntryType TypeOfMode(uint32_t mode);

// Owns one descriptor. Not thread-safe.
class Folder {
 public:
  // 0, or errno. `parent` may be AT_FDCWD. `follow` is for the root alone, which a user names.
  int Open(int parent, const std::string& name, bool follow);

  int fd() const { return fd_.get(); }
  // In the order of the paths below them: a folder counts as its name with a '/'.
  const std::vector<FolderEntry>& entries() const { return entries_; }
  // nullptr when there is none. For the few names that steer a walk.
  const FolderEntry* Find(std::string_view name) const;

 private:
  int ReadEntries();

  UniqueFd fd_;
  std::vector<FolderEntry> entries_;
};

}  // namespace coderank
