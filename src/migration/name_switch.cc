#include "migration/name_switch.h"

#include <chrono>
#include <system_error>

#include "base/elapsed.h"
#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Status NameSwitch::SaveMark(const std::string& target, CollectionMark& mark,
                            std::string_view state) {
  mark.state = state;
  return client_.SetMetadata(target, MetadataOf(mark));
}

Result<NameTaken> NameSwitch::Take(const std::string& name, const std::string& target,
                                   CollectionMark& mark) {
  CODERANK_ASSIGN(const ServerNames names, ServerNames::Read(client_));
  NameTaken taken;
  if (const auto alias = names.aliases.find(name); alias != names.aliases.end()) {
    if (alias->second != target) {
      mark.alias = name;
      mark.replaced = alias->second;
      mark.snapshot.clear();
      CODERANK_TRY(SaveMark(target, mark, kSwitching));
      CODERANK_TRY(client_.SetAlias(name, target));
    }
  } else {
    Clock::time_point start = Clock::now();
    if (names.HasCollection(name)) {
      if (mark.alias != name || mark.snapshot.empty()) {
        return FailedPrecondition(StrCat(name, ": is not saved, so it is not deleted"));
      }
      CODERANK_TRY(SaveMark(target, mark, kSwitching));
      start = Clock::now();
      CODERANK_TRY(client_.Delete(name));
    }
    CODERANK_TRY(MakeAlias(name, target, mark));
    taken = {.snapshot = mark.snapshot, .gap_seconds = SecondsSince(start)};
  }
  CODERANK_TRY(SaveMark(target, mark, kSwitched));
  return taken;
}

Status NameSwitch::Save(const std::string& name, CollectionMark& mark) {
  CODERANK_ASSIGN(const bool cluster, client_.IsCluster());
  if (cluster) {
    return FailedPrecondition(
        StrCat(client_.url(), ": is a cluster, where one snapshot does not hold all of ", name,
               "; give programs the new collection's name, or let them use an alias"));
  }
  CODERANK_ASSIGN(const ServerNames names, ServerNames::Read(client_));
  for (const auto& [alias, collection] : names.aliases) {
    if (collection != name) continue;
    return FailedPrecondition(StrCat(name, ": has the alias ", alias,
                                     ", which would go with it; move that instead, `coderank ",
                                     "collection migrate ", alias, " --take-name`, or delete it"));
  }
  CODERANK_TRY(CreatePrivateFolder(folder_));
  CODERANK_ASSIGN(mark.points, client_.Count(name));
  CODERANK_ASSIGN(const qdrant::Snapshot snapshot, client_.CreateSnapshot(name));
  std::string file = snapshot.name;
  for (char& c : file) {
    if (c == '/') c = '_';
  }
  const std::filesystem::path path = folder_ / file;
  CODERANK_TRY(client_.FetchSnapshot(name, snapshot, path));
  CODERANK_TRY(SyncFolder(folder_));
  mark.alias = name;
  mark.replaced.clear();
  mark.snapshot = path.native();
  return OkStatus();
}

// The one failure that would leave the name without a meaning: what was deleted is put back.
Status NameSwitch::MakeAlias(const std::string& name, const std::string& target,
                             const CollectionMark& mark) {
  Status made = client_.SetAlias(name, target);
  if (made.ok()) return made;
  const Status restored = Restore(name, mark);
  if (restored.ok()) return made.WithContext(StrCat(name, " was restored"));
  return made.WithContext(StrCat(name, " is deleted and saved in ", mark.snapshot,
                                 "; run the same again, or `coderank collection rollback ", name,
                                 "` (restoring it failed too: ", restored.message(), ")"));
}

Status NameSwitch::Restore(const std::string& name, const CollectionMark& mark) {
  if (mark.snapshot.empty()) return NotFound(StrCat(name, ": it was not saved to a file"));
  std::error_code error;
  if (!std::filesystem::is_regular_file(mark.snapshot, error)) {
    return NotFound(StrCat(mark.snapshot, ": no such file; it was saved on the machine that ",
                           "took the name, roll back there or bring it here"));
  }
  CODERANK_TRY(client_.Recover(name, mark.snapshot));
  CODERANK_ASSIGN(const uint64_t points, client_.Count(name));
  if (points == mark.points) return OkStatus();
  return Corrupt(StrCat(name, ": expected ", mark.points, " points after restoring it from ",
                        mark.snapshot, ", found ", points));
}

// The collection that has the name as its alias, or had it when a rollback was killed.
Result<std::string> NameSwitch::TakerOf(const std::string& name, const ServerNames& names) {
  if (const auto alias = names.aliases.find(name); alias != names.aliases.end()) {
    return alias->second;
  }
  for (const std::string& collection : names.collections) {
    if (!collection.starts_with(name + "__")) continue;
    CODERANK_ASSIGN(const qdrant::CollectionInfo info, client_.Describe(collection));
    const auto mark = MarkFrom(info.metadata);
    if (mark && mark->alias == name && (mark->state == kReturning || mark->state == kSwitching)) {
      return collection;
    }
  }
  if (names.HasCollection(name)) {
    return FailedPrecondition(StrCat(name, ": nothing has taken this name, it is a collection"));
  }
  return names.NoSuch(name, client_.url());
}

Result<RollbackReport> NameSwitch::GiveBack(const std::string& name) {
  CODERANK_ASSIGN(const ServerNames names, ServerNames::Read(client_));
  CODERANK_ASSIGN(const std::string taker, TakerOf(name, names));
  CODERANK_ASSIGN(const qdrant::CollectionInfo info, client_.Describe(taker));
  auto mark = MarkFrom(info.metadata);
  if (!mark || mark->alias != name) {
    return FailedPrecondition(
        StrCat(name, " leads to ", taker, ", which did not take the name by a migration"));
  }
  RollbackReport report{.name = name, .from = taker, .to = mark->replaced};
  CODERANK_TRY(SaveMark(taker, *mark, kReturning));
  if (!mark->replaced.empty()) {
    if (!names.HasCollection(mark->replaced)) return names.NoSuch(mark->replaced, client_.url());
    CODERANK_TRY(client_.SetAlias(name, mark->replaced));
  } else {
    const auto start = Clock::now();
    CODERANK_TRY(client_.DeleteAlias(name));
    if (Status restored = Restore(name, *mark); !restored.ok()) {
      CODERANK_TRY(client_.SetAlias(name, taker));
      return restored.WithContext(StrCat(name, " leads to ", taker, " as before"));
    }
    report.to = name;
    report.gap_seconds = SecondsSince(start);
  }
  mark->alias.clear();
  mark->replaced.clear();
  mark->snapshot.clear();
  CODERANK_TRY(SaveMark(taker, *mark, kComplete));
  CODERANK_ASSIGN(report.points, client_.Count(name));
  return report;
}

}  // namespace coderank
