// Copies of an index: a database that holds what is searched, and nothing that means something on
// one machine only.
//
// A copy is made row by row into tables of our own, and not of the file: what was deleted from the
// index is not in it, nor the id by which the index is known to be this user's, the times and
// inodes of files, the names of files that were left out, or switches of the walk. Every copy has
// the same id. It is no WAL database, so it can be read without anything being created beside it.
#pragma once

#include <filesystem>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

// The id of every copy. No index of a user's has it: theirs are random.
inline constexpr std::string_view kCopyId = "00000000000000000000000000000000";

// Writes a new database at `target` from the index's last commit, whoever writes the index
// meanwhile. What an error leaves at `target` is of no use.
Status CopyIndex(const std::filesystem::path& index_folder, const std::filesystem::path& target);

// Whether a database of somebody else's has a copy's tables, letter by letter, so that nothing but
// them answers our statements, and no settings, which could name a server. `folder`, the caller's
// own, is used for a small file meanwhile.
Status CheckCopy(const std::filesystem::path& database, const std::filesystem::path& folder);

}  // namespace coderank
