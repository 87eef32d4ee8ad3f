// Which index serves a folder, and whether it may be trusted.
//
// An index is this user's when its folder names an id that the user's state folder knows:
// `<index>/id` holds 32 hex digits, `<state>/indexes/<id>` exists, and the database's meta table
// says the same. A checkout cannot ship that: the id is random. So a ready-made `.coderank/` in a
// tree is left alone (or used with --trust-index), and such a tree's own index goes to the
// user's data folder, as does that of a tree which cannot be written to.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/user_folders.h"
#include "coderank/result.h"

namespace coderank {

inline constexpr std::string_view kIndexFolderName = ".coderank";

struct IndexLocation {
  std::filesystem::path root;    // canonical root of the indexed tree
  std::filesystem::path folder;  // where the index's files lie
  std::string subpath;           // requested folder or file below the root, "" for the root
  std::string id;                // the folder's id; empty when it has none yet
  bool is_snapshot = false;      // unpacked: nobody writes it, and `root` is the snapshot's file
};

struct LocateOptions {
  std::filesystem::path explicit_folder;  // --index; empty: beside the sources
  bool trust_index = false;
};

class IndexLocator {
 public:
  IndexLocator(UserFolders folders, LocateOptions options)
      : folders_(std::move(folders)), options_(std::move(options)) {}

  // The index that covers `directory`: its own or that of the nearest folder above it. No value
  // when there is none. `notes` receives what the user should know, such as an index not used.
  Result<std::optional<IndexLocation>> Find(const std::filesystem::path& directory,
                                            std::vector<std::string>& notes) const;
  // Where an index of exactly `directory` is or would be.
  Result<IndexLocation> ForRoot(const std::filesystem::path& directory,
                                std::vector<std::string>& notes) const;

  // Creates the folder when it is missing and makes its name canonical.
  Status CreateFolder(IndexLocation& location) const;

  // Gives the folder its id, root and ignore file where they are missing, and records the id as
  // this user's. The caller holds the index's lock, so that two first runs agree on one id. A
  // folder that is somebody else's is left as it is, and refused unless it is trusted.
  Status Claim(IndexLocation& location) const;
  // Forgets the id. The folder's files are the caller's to remove.
  void Forget(const IndexLocation& location) const;

  // The error for an index folder that is not this user's.
  static Status NotOurs(const std::filesystem::path& folder);

 private:
  enum class Ownership { kNone, kOurs, kForeign };
  struct Candidate {
    Ownership ownership = Ownership::kNone;
    std::string id;
  };
  Candidate Inspect(const std::filesystem::path& folder) const;
  // A copy of a tree brings the original's id along, whose record stays the original's.
  bool IsHeldElsewhere(const IndexLocation& location) const;
  std::filesystem::path RecordOf(const std::string& id) const;
  std::filesystem::path FolderOutsideTree(const std::filesystem::path& root) const;
  Result<std::optional<IndexLocation>> FindExplicit(const std::filesystem::path& directory) const;

  UserFolders folders_;
  LocateOptions options_;
};

}  // namespace coderank
