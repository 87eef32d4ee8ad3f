#include "source/folder_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace coderank {
namespace {

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

// File systems without d_type answer kUnknown: then one stat decides. An entry that is gone by
// then is kOther, and found to be gone when it is visited.
EntryType TypeOf(int folder, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return EntryType::kFile;
    case DT_DIR:
      return EntryType::kFolder;
    case DT_LNK:
      return EntryType::kLink;
    case DT_UNKNOWN: {
      struct stat info {};
      const int failed = ::fstatat(folder, entry.d_name, &info, AT_SYMLINK_NOFOLLOW);
      return failed != 0 ? EntryType::kOther : TypeOfMode(info.st_mode);
    }
    default:
      return EntryType::kOther;
  }
}

bool PathOrder(const FolderEntry& a, const FolderEntry& b) {
  const size_t common = std::min(a.name.size(), b.name.size());
  const int order = std::memcmp(a.name.data(), b.name.data(), common);
  if (order != 0) return order < 0;
  // -1 where the path ends; a name cannot hold '/', so equal values mean equal names.
  const auto next = [common](const FolderEntry& entry) {
    if (common < entry.name.size())
      return static_cast<int>(static_cast<uint8_t>(entry.name[common]));
    return entry.type == EntryType::kFolder ? static_cast<int>('/') : -1;
  };
  return next(a) < next(b);
}

}  // namespace

EntryType TypeOfMode(uint32_t mode) {
  if (S_ISREG(mode)) return EntryType::kFile;
  if (S_ISDIR(mode)) return EntryType::kFolder;
  return S_ISLNK(mode) ? EntryType::kLink : EntryType::kOther;
}

int Folder::Open(int parent, const std::string& name, bool follow) {
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW);
  fd_ = UniqueFd(::openat(parent, name.c_str(), flags));
  if (!fd_.valid()) return errno;
  return ReadEntries();
}

int Folder::ReadEntries() {
  // The stream takes a descriptor of its own: its buffer is not kept while the walk goes deeper.
  const int copy = ::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return errno;
  const std::unique_ptr<DIR, CloseStream> stream(::fdopendir(copy));
  if (stream == nullptr) {
    const int error = errno;
    ::close(copy);
    return error;
  }
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries_.push_back({std::string(name), TypeOf(fd_.get(), *entry)});
  }
  const int error = errno;
  std::sort(entries_.begin(), entries_.end(), PathOrder);
  return error;
}

const FolderEntry* Folder::Find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [name](const FolderEntry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace coderank
