#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "source/tree_watcher.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A burst is over when nothing came for this long; one that does not end is reported meanwhile.
constexpr milliseconds kQuiet{300};
constexpr milliseconds kLongestBurst{3000};
// How soon a cancelled wait ends.
constexpr milliseconds kStep{100};
// Of 64 KiB each; whoever changes files faster than they are read is not waited for.
constexpr size_t kMostReads = 64;
// Beyond this many paths a look at the whole tree is cheaper than one at each.
constexpr size_t kMostPaths = 256;

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE |
                             IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr uint32_t kFlags = IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

// File systems that others change without a word to this kernel: statfs(2), f_type.
constexpr std::array<uint64_t, 8> kSilentFileSystems = {
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x65735546,  // FUSE
    0x01021997,  // 9p
    0x786F4256,  // VirtualBox shared folders
    0x5346414F,  // AFS
};

bool IsSilent(const std::filesystem::path& root) {
  struct statfs info {};
  if (::statfs(root.c_str(), &info) != 0) return false;
  const auto type = static_cast<uint64_t>(info.f_type) & 0xFFFFFFFF;
  return std::find(kSilentFileSystems.begin(), kSilentFileSystems.end(), type) !=
         kSilentFileSystems.end();
}

// Names that change which files are walked.
bool IsRuleFile(std::string_view name) {
  return name == ".gitignore" || name == ".coderankignore" || name == ".coderank.toml" ||
         name == ".git";
}

class InotifyWatcher : public TreeWatcher, private WalkVisitor {
 public:
  InotifyWatcher(std::filesystem::path root, WalkOptions walk, UniqueFd fd, size_t most_folders)
      : root_(std::move(root)),
        walk_(std::move(walk)),
        fd_(std::move(fd)),
        most_folders_(most_folders) {}

  std::string_view name() const override { return "inotify"; }

  // All folders as they are now, and no others.
  Status Renew() override {
    const std::unordered_map<int, std::string> before = std::exchange(folders_, {});
    CODERANK_TRY(Walk(root_, walk_, *this));
    for (const auto& [watch, folder] : before) {
      if (!folders_.contains(watch)) ::inotify_rm_watch(fd_.get(), watch);
    }
    return OkStatus();
  }

  Result<TreeEvents> Wait(milliseconds timeout, const CancellationToken* cancel) override {
    const auto start = Clock::now();
    auto last_event = start;
    std::optional<Clock::time_point> first_event;
    for (;;) {
      const auto now = Clock::now();
      if (IsCancelled(cancel)) return TreeEvents{};
      if (!first_event && now - start >= timeout) return TreeEvents{};
      if (first_event && (now - last_event >= kQuiet || now - *first_event >= kLongestBurst)) break;
      CODERANK_ASSIGN(const bool got, ReadEvents(kStep));
      if (!got) continue;
      last_event = Clock::now();
      if (!first_event) first_event = last_event;
    }
    // New folders are watched before anybody looks into them, so that nothing falls in between.
    if (everything_) CODERANK_TRY(Renew());
    return Take();
  }

  // The kernel queues an event before the call that caused it returns.
  Result<TreeEvents> Drain() override {
    for (size_t reads = 0; !everything_; ++reads) {
      CODERANK_ASSIGN(const bool got, ReadEvents(milliseconds(0)));
      if (!got) break;
      if (reads == kMostReads) everything_ = true;
    }
    return Take();
  }

 private:
  TreeEvents Take() {
    TreeEvents events{.paths = {paths_.begin(), paths_.end()},
                      .everything = std::exchange(everything_, false)};
    paths_.clear();
    return events;
  }

  Status OnFile(const WalkedFile&) override { return OkStatus(); }
  void OnSkipped(const SkippedEntry&) override {}
  Status OnFolder(const std::string& path) override {
    if (folders_.size() == most_folders_) {
      return ResourceExhausted(StrCat(root_, ": has more than ", most_folders_, " folders"));
    }
    const auto folder = path.empty() ? root_ : root_ / path;
    const int watch = ::inotify_add_watch(fd_.get(), folder.c_str(), kEvents | kFlags);
    if (watch >= 0) {
      folders_[watch] = path;
      return OkStatus();
    }
    if (errno == ENOSPC || errno == ENOMEM) {
      return ResourceExhausted(
          StrCat("the kernel has no watches left after ", folders_.size(),
                 " folders; `sysctl fs.inotify.max_user_watches` sets how many there are"));
    }
    return OkStatus();  // vanished or unreadable meanwhile: the next look will tell
  }

  // False when nothing came for so long.
  Result<bool> ReadEvents(milliseconds patience) {
    pollfd waiting{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return false;
    alignas(inotify_event) std::array<char, size_t{64} << 10> buffer;
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) return ErrnoStatus(errno, root_, "cannot read file events");
    for (size_t at = 0; at + sizeof(inotify_event) <= static_cast<size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      Note(event, event.len > 0 ? buffer.data() + at + sizeof(event) : "");
      at += sizeof(event) + event.len;
    }
    return true;
  }

  void Note(const inotify_event& event, const char* name) {
    constexpr uint32_t kUnclear = IN_Q_OVERFLOW | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF;
    const auto folder = folders_.find(event.wd);
    if ((event.mask & IN_IGNORED) != 0) {
      if (folder != folders_.end()) folders_.erase(folder);
      return;
    }
    const bool unclear = (event.mask & (kUnclear | IN_ISDIR)) != 0 || IsRuleFile(name);
    const bool names_file = folder != folders_.end() && *name != '\0';
    if (unclear || !names_file || paths_.size() == kMostPaths) {
      everything_ = true;
    } else {
      paths_.insert(folder->second.empty() ? name : StrCat(folder->second, "/", name));
    }
  }

  std::filesystem::path root_;
  WalkOptions walk_;
  UniqueFd fd_;
  size_t most_folders_;
  std::unordered_map<int, std::string> folders_;  // by watch; paths relative to the root
  std::set<std::string> paths_;
  bool everything_ = false;
};

}  // namespace

Result<std::unique_ptr<TreeWatcher>> MakeInotifyWatcher(const std::filesystem::path& root,
                                                        const WalkOptions& walk,
                                                        size_t most_folders) {
  if (IsSilent(root)) {
    return Unavailable(StrCat(root, ": its file system does not report all changes"));
  }
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.valid()) {
    return ResourceExhausted(StrCat("inotify cannot be used: ", std::strerror(errno)));
  }
  auto watcher = std::make_unique<InotifyWatcher>(root, walk, std::move(fd), most_folders);
  CODERANK_TRY(watcher->Renew());
  return std::unique_ptr<TreeWatcher>(std::move(watcher));
}

}  // namespace coderank
