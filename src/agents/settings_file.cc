#include "agents/settings_file.h"

#include <sys/stat.h>

#include <system_error>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank::agents {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostBytes = uint64_t{64} << 20U;  // agents keep histories in some of them
constexpr unsigned kPrivate = 0600;

// The file itself when it is a link, or its place when it is not there.
Result<fs::path> Resolved(const fs::path& file) {
  std::error_code error;
  fs::path resolved = fs::weakly_canonical(file, error);
  if (error) return Unavailable(StrCat(file, ": ", error.message()));
  return resolved;
}

unsigned ModeOf(const fs::path& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 ? info.st_mode & 0777U : kPrivate;
}

fs::path BackupOf(fs::path file) { return file += ".before-coderank"; }

// Where the file is, which has to hold `before` still.
Result<fs::path> UnchangedPlace(const fs::path& file, const std::string& before) {
  CODERANK_ASSIGN(fs::path place, Resolved(file));
  CODERANK_ASSIGN(const std::string now, ReadSettings(place));
  if (now != before) return FailedPrecondition(StrCat(file, ": changed meanwhile; try again"));
  return place;
}

}  // namespace

Result<std::string> ReadSettings(const fs::path& file) {
  auto text = ReadFile(file, kMostBytes);
  if (!text && text.error().code() == StatusCode::kNotFound) return std::string();
  return text;
}

Result<std::optional<std::string>> ReadBackup(const fs::path& file) {
  CODERANK_ASSIGN(const fs::path place, Resolved(file));
  auto text = ReadFile(BackupOf(place), kMostBytes);
  if (text) return std::optional(*std::move(text));
  if (text.error().code() == StatusCode::kNotFound) return std::optional<std::string>();
  return text.error();
}

Status ReplaceSettings(const fs::path& file, const std::string& before, const std::string& after) {
  CODERANK_ASSIGN(const fs::path place, UnchangedPlace(file, before));
  std::error_code error;
  fs::create_directories(place.parent_path(), error);
  if (error) return Unavailable(StrCat(place.parent_path(), ": ", error.message()));
  return WriteFileAtomically(place, after, ModeOf(place));
}

Status RemoveSettings(const fs::path& file, const std::string& before) {
  CODERANK_ASSIGN(const fs::path place, UnchangedPlace(file, before));
  std::error_code error;
  fs::remove(place, error);
  return error ? Unavailable(StrCat(place, ": ", error.message())) : OkStatus();
}

Result<fs::path> BackUp(const fs::path& file) {
  CODERANK_ASSIGN(const fs::path place, Resolved(file));
  const fs::path backup = BackupOf(place);
  std::error_code ignored;
  if (!fs::exists(place, ignored) || fs::exists(fs::symlink_status(backup, ignored))) {
    return fs::path();
  }
  CODERANK_ASSIGN(const std::string text, ReadSettings(place));
  CODERANK_TRY(WriteFileAtomically(backup, text, ModeOf(place)));
  return backup;
}

Result<fs::path> RemoveNeedlessBackup(const fs::path& file) {
  CODERANK_ASSIGN(const auto kept, ReadBackup(file));
  CODERANK_ASSIGN(const fs::path place, Resolved(file));
  CODERANK_ASSIGN(const std::string text, ReadSettings(place));
  std::error_code error;
  if (!kept || *kept != text || !fs::exists(place, error)) return fs::path();
  const fs::path backup = BackupOf(place);
  fs::remove(backup, error);
  if (error) return Unavailable(StrCat(backup, ": ", error.message()));
  return backup;
}

}  // namespace coderank::agents
