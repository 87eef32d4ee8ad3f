// Where git keeps its ignore rules outside of .gitignore files. Found by reading git's files,
// never by running git: a walk must work without it and must not execute what a checkout names.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace coderank {

// The value of core.excludesFile in the text of a git configuration file; the last one counts.
// Only this key is read: [include] is not followed, and what git would call an error is skipped.
std::optional<std::string> ParseExcludesFile(std::string_view config);

// The user's excludes file: core.excludesFile of ~/.gitconfig, else of
// $XDG_CONFIG_HOME/git/config, else $XDG_CONFIG_HOME/git/ignore. Empty when there is none.
std::filesystem::path GlobalExcludesPath();

// $XDG_CONFIG_HOME, ~/.config, or empty when neither is known.
std::filesystem::path UserConfigFolder();

// The nearest folder at or above `folder` (absolute) that holds a ".git" which belongs to the
// current user or to the owner of `folder`; anybody else's must not hide files. Empty when none.
std::filesystem::path FindGitRoot(const std::filesystem::path& folder);

// info/exclude of the repository whose work tree is `git_root`. Follows the "gitdir:" file of a
// linked work tree or submodule.
std::filesystem::path InfoExcludePath(const std::filesystem::path& git_root);

}  // namespace coderank
