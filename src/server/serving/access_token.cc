#include "server/serving/access_token.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "base/user_folders.h"

namespace coderank::server {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBytes = 32;
constexpr size_t kLeastCharacters = 32;
constexpr uint64_t kMostFile = 4096;

Result<std::string> NewToken() {
  std::array<uint8_t, kBytes> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Unavailable("the system gives no random numbers for an access token");
  }
  return ToHex(bytes);
}

Status CheckPrivate(const fs::path& file) {
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0) return ErrnoStatus(errno, file, "cannot be read");
  constexpr mode_t kOthers = 0077;
  if (S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & kOthers) == 0) {
    return OkStatus();
  }
  return PermissionDenied(StrCat(file, ": expected a file of this user with mode 0600, because ",
                                 "others could know the token in it; remove it"));
}

bool IsToken(const std::string& text) {
  return text.size() >= kLeastCharacters &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<AccessToken> UserAccessToken() {
  CODERANK_ASSIGN(const UserFolders folders, FindUserFolders());
  AccessToken token{.text = {}, .file = folders.state / "server-token"};
  auto found = ReadFile(token.file, kMostFile);
  if (found) {
    CODERANK_TRY(CheckPrivate(token.file));
    while (found->ends_with('\n')) found->pop_back();
    if (!IsToken(*found)) {
      return Corrupt(StrCat(token.file, ": expected at least ", kLeastCharacters,
                            " hexadecimal digits; remove it"));
    }
    token.text = *std::move(found);
    return token;
  }
  if (found.error().code() != StatusCode::kNotFound) return found.error();
  CODERANK_ASSIGN(token.text, NewToken());
  CODERANK_TRY(CreatePrivateFolder(folders.state));
  CODERANK_TRY(WriteFileAtomically(token.file, token.text + "\n"));
  return token;
}

}  // namespace coderank::server
