#include "store/schema.h"

#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"

namespace coderank {

Status CheckFormat(const Database& database) {
  CODERANK_ASSIGN(const int64_t application, database.QueryInteger("PRAGMA application_id"));
  CODERANK_ASSIGN(const int64_t version, database.QueryInteger("PRAGMA user_version"));
  if (application != kApplicationId) {
    return Corrupt(StrCat(database.path(), ": not a coderank index: expected application id ",
                          kApplicationId, ", found ", application, "; ", database.role().way_out));
  }
  if (version != kSchemaVersion) {
    return FailedPrecondition(StrCat(database.path(), ": index format ", version,
                                     ", this coderank reads format ", kSchemaVersion, "; ",
                                     database.role().way_out));
  }
  return OkStatus();
}

Status CreateTables(const Database& database, std::string_view id) {
  CODERANK_ASSIGN(Transaction transaction, Transaction::Begin(database));
  CODERANK_TRY(database.Execute(kSchema));
  CODERANK_ASSIGN(Statement insert, database.Prepare("INSERT INTO meta(key, value) VALUES(?, ?)"));
  CODERANK_TRY(insert.BindText(0, kMetaIndexId).BindText(1, id).Run());
  CODERANK_TRY(database.Execute(StrCat("PRAGMA application_id=", kApplicationId).c_str()));
  CODERANK_TRY(database.Execute(StrCat("PRAGMA user_version=", kSchemaVersion).c_str()));
  return transaction.Commit();
}

}  // namespace coderank
