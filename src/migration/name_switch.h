// Giving a collection's name to another collection, and giving it back.
//
// An alias moves in one step of the server. Where a collection has the name, the server refuses
// such an alias: then the collection is saved to a file on this machine, checked, and deleted, and
// the alias is made. The new collection's mark says at each step what the next one is, so whoever
// is killed goes on by calling the same again.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "coderank/collections.h"
#include "coderank/result.h"
#include "migration/collection_mark.h"
#include "migration/server_names.h"
#include "qdrant/client.h"

namespace coderank {

struct NameTaken {
  std::filesystem::path snapshot;  // of the collection that had the name; empty: an alias had it
  double gap_seconds = 0;          // in which the name led nowhere
};

// Not thread-safe. Borrows the client.
class NameSwitch {
 public:
  NameSwitch(qdrant::Client& client, std::filesystem::path snapshot_folder)
      : client_(client), folder_(std::move(snapshot_folder)) {}

  // Saves the collection `name` to a file, which `mark` names from then on; on this machine, as a
  // server may throw a collection's snapshots away with it. kFailedPrecondition in a cluster, where
  // a snapshot has the points of one machine only, and where it has aliases: they go with it.
  Status Save(const std::string& name, CollectionMark& mark);
  // `target` gets `name`; `mark` is its mark, "complete" or "switching", and is updated there. A
  // collection of that name, which has been saved, is deleted.
  Result<NameTaken> Take(const std::string& name, const std::string& target, CollectionMark& mark);
  // The way back. The collection that had taken the name stays.
  Result<RollbackReport> GiveBack(const std::string& name);

 private:
  Status SaveMark(const std::string& target, CollectionMark& mark, std::string_view state);
  Status MakeAlias(const std::string& name, const std::string& target, const CollectionMark& mark);
  Status Restore(const std::string& name, const CollectionMark& mark);
  Result<std::string> TakerOf(const std::string& name, const ServerNames& names);

  qdrant::Client& client_;
  std::filesystem::path folder_;
};

}  // namespace coderank
