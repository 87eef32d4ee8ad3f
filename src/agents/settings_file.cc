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

}  // namespace

Result<std::string> ReadSettings(const fs::path& file) {
  auto text = ReadFile(file, kMostBytes);
  if (!text && text.error().code() == StatusCode::kNotFound) return std::string();
  return text;
}

Result<fs::path> ReplaceSettings(const fs::path& file, const std::string& before,
                                 const std::string& after) {
  CODERANK_ASSIGN(const fs::path place, Resolved(file));
  CODERANK_ASSIGN(const std::string now, ReadSettings(place));
  if (now != before) return FailedPrecondition(StrCat(file, ": changed meanwhile; try again"));
  const unsigned mode = ModeOf(place);
  std::error_code error;
  fs::create_directories(place.parent_path(), error);
  if (error) return Unavailable(StrCat(place.parent_path(), ": ", error.message()));
  const fs::path backup = fs::exists(place, error) ? BackupOf(place) : fs::path();
  if (!backup.empty()) CODERANK_TRY(WriteFileAtomically(backup, before, mode));
  CODERANK_TRY(WriteFileAtomically(place, after, mode));
  return backup;
}

}  // namespace coderank::agents
