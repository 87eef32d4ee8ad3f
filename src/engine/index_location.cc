#include "engine/index_location.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"

namespace coderank {
namespace {

constexpr std::string_view kIdFileName = "id";
constexpr std::string_view kRootFileName = "root";
constexpr size_t kIdDigits = 32;
constexpr uint64_t kMaxSmallFile = 64 << 10;

namespace fs = std::filesystem;

Result<fs::path> Canonical(const fs::path& directory) {
  std::error_code error;
  fs::path canonical = fs::canonical(directory, error);
  if (error) return ErrnoStatus(error.value(), directory, "cannot be searched or indexed");
  return canonical;
}

bool IsId(std::string_view text) {
  return text.size() == kIdDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// A real folder, not a link to one: a checkout could point it anywhere.
bool IsRealFolder(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool Exists(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

bool IsWritable(const fs::path& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

// Empty, or left by a run that was killed before the id stood: nothing in it is ever read.
bool IsUnfinished(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().native();
    if (name != IndexLock::kFileName && !name.starts_with(StrCat(kIdFileName, "."))) return false;
  }
  return !error;
}

// No value unless it is a regular file with an id: a link could borrow another index's id.
std::optional<std::string> ReadId(const fs::path& folder) {
  const fs::path file = folder / kIdFileName;
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  auto id = ReadFile(file, kMaxSmallFile);
  return id && IsId(*id) ? std::optional(*std::move(id)) : std::nullopt;
}

// Saves the disk's flush, and the moment in which a kill leaves a temporary file behind.
Status WriteWhereDifferent(const fs::path& file, std::string_view content) {
  const auto found = ReadFile(file, kMaxSmallFile);
  return found && *found == content ? OkStatus() : WriteFileAtomically(file, content);
}

Result<std::string> RandomId() {
  std::array<uint8_t, kIdDigits / 2> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return ErrnoStatus(errno, "getrandom", "cannot make an index id");
  }
  return ToHex(bytes);
}

// `path` relative to `root` with '/', "" for the root itself.
std::string Below(const fs::path& root, const fs::path& path) {
  const std::string relative = path.lexically_relative(root).native();
  return relative == "." ? std::string() : relative;
}

bool IsWithin(const fs::path& root, const fs::path& path) {
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

}  // namespace

Status IndexLocator::NotOurs(const fs::path& folder) {
  return PermissionDenied(StrCat(folder,
                                 ": this user's coderank did not make it; remove it "
                                 "yourself, or use it as it is with --trust-index"));
}

fs::path IndexLocator::RecordOf(const std::string& id) const {
  return folders_.state / "indexes" / id;
}

fs::path IndexLocator::FolderOutsideTree(const fs::path& root) const {
  return folders_.data / "indexes" / ToHex(Sha256Of(root.native())).substr(0, kIdDigits);
}

IndexLocator::Candidate IndexLocator::Inspect(const fs::path& folder) const {
  if (!Exists(folder)) return {};
  if (!IsRealFolder(folder)) return {.ownership = Ownership::kForeign, .id = {}};
  if (IsUnfinished(folder)) return {};
  const auto id = ReadId(folder);
  if (!id || !Exists(RecordOf(*id))) return {.ownership = Ownership::kForeign, .id = {}};
  return {.ownership = Ownership::kOurs, .id = *id};
}

Result<std::optional<IndexLocation>> IndexLocator::FindExplicit(const fs::path& directory) const {
  const fs::path& folder = options_.explicit_folder;
  const Candidate candidate = Inspect(folder);
  if (candidate.ownership == Ownership::kNone) return std::optional<IndexLocation>();
  if (candidate.ownership == Ownership::kForeign && !options_.trust_index) return NotOurs(folder);
  CODERANK_ASSIGN(const fs::path canonical_folder, Canonical(folder));
  // The user's own record cannot be missing after a kill, nor be changed by a checkout.
  const fs::path record = candidate.id.empty() ? folder / kRootFileName : RecordOf(candidate.id);
  CODERANK_ASSIGN(const std::string root, ReadFile(record, kMaxSmallFile));
  if (!IsWithin(root, directory)) {
    return FailedPrecondition(StrCat(folder, ": is the index of ", root, ", which does not hold ",
                                     directory, "; name another --index folder"));
  }
  return std::optional(IndexLocation{.root = root,
                                     .folder = canonical_folder,
                                     .subpath = Below(root, directory),
                                     .id = candidate.id});
}

Result<std::optional<IndexLocation>> IndexLocator::Find(const fs::path& directory,
                                                        std::vector<std::string>& notes) const {
  CODERANK_ASSIGN(const fs::path start, Canonical(directory));
  if (!options_.explicit_folder.empty()) return FindExplicit(start);
  for (fs::path root = start;; root = root.parent_path()) {
    const fs::path beside = root / kIndexFolderName;
    const Candidate candidate = Inspect(beside);
    const bool foreign = candidate.ownership == Ownership::kForeign;
    if (candidate.ownership == Ownership::kOurs || (foreign && options_.trust_index)) {
      return std::optional(IndexLocation{
          .root = root, .folder = beside, .subpath = Below(root, start), .id = candidate.id});
    }
    if (foreign) notes.push_back(StrCat("not used: ", NotOurs(beside).message()));
    const fs::path outside = FolderOutsideTree(root);
    if (const Candidate other = Inspect(outside); other.ownership == Ownership::kOurs) {
      return std::optional(IndexLocation{
          .root = root, .folder = outside, .subpath = Below(root, start), .id = other.id});
    }
    if (root == root.parent_path()) return std::optional<IndexLocation>();
  }
}

Result<IndexLocation> IndexLocator::ForRoot(const fs::path& directory,
                                            std::vector<std::string>& notes) const {
  CODERANK_ASSIGN(const fs::path root, Canonical(directory));
  if (!fs::is_directory(root)) {
    return InvalidArgument(StrCat(directory, ": expected a folder to index, found a file"));
  }
  IndexLocation location{.root = root, .folder = {}, .subpath = {}, .id = {}};
  if (!options_.explicit_folder.empty()) {
    CODERANK_ASSIGN(const auto found, FindExplicit(root));
    if (found) location.id = found->id;
    if (found && found->root != root) {
      return FailedPrecondition(StrCat(options_.explicit_folder, ": is the index of ", found->root,
                                       "; name another --index folder for ", root));
    }
    location.folder = fs::absolute(options_.explicit_folder).lexically_normal();
    return location;
  }
  location.folder = root / kIndexFolderName;
  Candidate candidate = Inspect(location.folder);
  if (candidate.ownership == Ownership::kNone && !IsWritable(root)) {
    location.folder = FolderOutsideTree(root);
    candidate = Inspect(location.folder);
    if (candidate.ownership == Ownership::kNone) {
      notes.push_back(
          StrCat(root, ": cannot be written to, so its index is kept in ", location.folder));
    }
  }
  if (candidate.ownership == Ownership::kForeign && !options_.trust_index) {
    const fs::path outside = FolderOutsideTree(root);
    notes.push_back(StrCat(location.folder,
                           ": this user's coderank did not make it, so it is not "
                           "used; the index is kept in ",
                           outside));
    location.folder = outside;
    candidate = Inspect(outside);
  }
  location.id = candidate.id;
  return location;
}

Status IndexLocator::CreateFolder(IndexLocation& location) const {
  if (const Status created = CreatePrivateFolder(location.folder); !created.ok()) {
    return {created.code(), StrCat(created.message(),
                                   "; make it writable, or keep the index "
                                   "elsewhere with --index FOLDER")};
  }
  // The canonical name: SQLite refuses links anywhere in a database's path.
  CODERANK_ASSIGN(location.folder, Canonical(location.folder));
  return OkStatus();
}

Status IndexLocator::Claim(IndexLocation& location) const {
  Candidate candidate = Inspect(location.folder);
  if (candidate.ownership == Ownership::kForeign) {
    return options_.trust_index ? OkStatus() : NotOurs(location.folder);
  }
  const bool is_new = candidate.ownership == Ownership::kNone;
  if (is_new) {
    CODERANK_ASSIGN(candidate.id, RandomId());
  }
  location.id = candidate.id;
  // The record comes first: a crash in between leaves an id that nobody has, not an index that
  // nobody owns.
  CODERANK_TRY(CreatePrivateFolder(folders_.state / "indexes"));
  if (!IsHeldElsewhere(location)) {
    CODERANK_TRY(WriteWhereDifferent(RecordOf(location.id), location.root.native()));
  }
  if (is_new) CODERANK_TRY(WriteFileAtomically(location.folder / kIdFileName, location.id));
  CODERANK_TRY(WriteWhereDifferent(location.folder / kRootFileName, location.root.native()));
  return WriteWhereDifferent(location.folder / ".gitignore", "*\n");
}

void IndexLocator::Forget(const IndexLocation& location) const {
  std::error_code ignored;
  if (IsId(location.id) && !IsHeldElsewhere(location)) fs::remove(RecordOf(location.id), ignored);
}

bool IndexLocator::IsHeldElsewhere(const IndexLocation& location) const {
  const auto recorded = ReadFile(RecordOf(location.id), kMaxSmallFile);
  if (!recorded || *recorded == location.root.native()) return false;
  const fs::path beside = fs::path(*recorded) / kIndexFolderName;
  return IsRealFolder(beside) && ReadId(beside) == location.id;
}

}  // namespace coderank
