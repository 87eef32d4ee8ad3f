#include "source/git_excludes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/ascii.h"
#include "base/file.h"

namespace coderank {
namespace {

// Far above real ones; a larger file is not read.
constexpr uint64_t kMaximumConfigBytes = uint64_t{1} << 20;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view Trim(std::string_view text) { return Trimmed(text, " \t\r"); }

// A value: quotes, backslash escapes, comments, and lines continued by a final backslash.
// Advances `text` past the end of the value's last line.
std::string TakeValue(std::string_view& text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  std::string value;
  size_t kept = 0;  // blanks after this are trailing ones
  bool quoted = false;
  size_t at = 0;
  for (; at < text.size() && text[at] != '\n'; ++at) {
    char c = text[at];
    if (!quoted && (c == '#' || c == ';')) {
      at = std::min(text.find('\n', at), text.size());
      break;
    }
    if (c == '"') {
      quoted = !quoted;
      kept = value.size();
      continue;
    }
    if (c == '\\' && at + 1 < text.size()) {
      if (text.substr(at + 1, 2) == "\r\n") ++at;
      c = text[++at];
      if (c == '\n') continue;
      if (c == 'n') c = '\n';
      if (c == 't') c = '\t';
      value += c;
      kept = value.size();
      continue;
    }
    value += c;
    if (quoted || !IsBlank(c)) kept = value.size();
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  value.resize(kept);
  return value;
}

std::filesystem::path HomeFolder() {
  const char* home = std::getenv("HOME");
  return home == nullptr ? "" : home;
}

// git takes "~/" for the home folder; a relative path has no meaning outside of a repository.
std::filesystem::path ExpandUserPath(const std::string& value) {
  if (value.starts_with("~/") && !HomeFolder().empty()) return HomeFolder() / value.substr(2);
  return value.starts_with("/") ? std::filesystem::path(value) : std::filesystem::path();
}

std::optional<std::string> ExcludesFileOf(const std::filesystem::path& config) {
  const auto text = ReadFile(config, kMaximumConfigBytes);
  return text ? ParseExcludesFile(*text) : std::nullopt;
}

// The one line of files like ".git" ("gitdir: ...") and "commondir".
std::filesystem::path ReadLink(const std::filesystem::path& file, std::string_view prefix) {
  const auto text = ReadFile(file, kMaximumConfigBytes);
  if (!text || !text->starts_with(prefix)) return {};
  std::string_view line = std::string_view(*text).substr(prefix.size());
  line = Trim(line.substr(0, line.find('\n')));
  return line.empty() ? std::filesystem::path() : file.parent_path() / line;
}

}  // namespace

std::optional<std::string> ParseExcludesFile(std::string_view text) {
  std::optional<std::string> found;
  bool in_core = false;
  while (!text.empty()) {
    if (text.front() == '\n' || IsBlank(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    if (text.front() == '[') {
      const size_t end = std::min(text.find_first_of("]\n"), text.size() - 1);
      in_core = EqualIgnoringCase(Trim(text.substr(1, end - 1)), "core");
      text.remove_prefix(end + 1);
      continue;
    }
    const size_t end = std::min(text.find_first_of("=\n#;"), text.size());
    const std::string_view key = Trim(text.substr(0, end));
    text.remove_prefix(end);
    const bool has_value = text.starts_with('=');
    if (has_value) text.remove_prefix(1);
    std::string value = TakeValue(text);
    if (in_core && has_value && EqualIgnoringCase(key, "excludesfile")) found = std::move(value);
  }
  return found;
}

std::filesystem::path UserConfigFolder() {
  const char* xdg = std::getenv("XDG_CONFIG_HOME");
  if (xdg != nullptr && *xdg == '/') return xdg;
  return HomeFolder().empty() ? std::filesystem::path() : HomeFolder() / ".config";
}

std::filesystem::path GlobalExcludesPath() {
  const std::filesystem::path config = UserConfigFolder();
  std::optional<std::string> named;
  if (!HomeFolder().empty()) named = ExcludesFileOf(HomeFolder() / ".gitconfig");
  if (!named && !config.empty()) named = ExcludesFileOf(config / "git" / "config");
  if (named) return ExpandUserPath(*named);
  return config.empty() ? std::filesystem::path() : config / "git" / "ignore";
}

std::filesystem::path FindGitRoot(const std::filesystem::path& folder) {
  struct stat start {};
  if (::stat(folder.c_str(), &start) != 0) return {};
  for (std::filesystem::path at = folder;; at = at.parent_path()) {
    struct stat git {};
    if (::lstat((at / ".git").c_str(), &git) == 0) {
      const bool trusted = git.st_uid == ::geteuid() || git.st_uid == start.st_uid;
      return trusted ? at : std::filesystem::path();
    }
    if (at == at.parent_path()) return {};
  }
}

std::filesystem::path InfoExcludePath(const std::filesystem::path& git_root) {
  std::filesystem::path git = git_root / ".git";
  if (const auto linked = ReadLink(git, "gitdir:"); !linked.empty()) git = linked;
  if (const auto common = ReadLink(git / "commondir", ""); !common.empty()) git = common;
  return git / "info" / "exclude";
}

}  // namespace coderank
