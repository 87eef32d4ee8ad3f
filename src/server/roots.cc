#include "server/roots.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::server {
namespace {

namespace fs = std::filesystem;

bool IsBelow(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

}  // namespace

Result<Roots> Roots::Of(const std::vector<fs::path>& folders) {
  Roots roots;
  for (const fs::path& folder : folders) {
    std::error_code error;
    fs::path canonical = fs::canonical(folder, error);
    if (error || !fs::is_directory(canonical, error)) {
      return NotFound(StrCat(folder, ": expected a folder to serve"));
    }
    const std::string base =
        canonical.has_filename() ? canonical.filename().native() : std::string("root");
    std::string name = base;
    for (int number = 2; std::any_of(roots.roots_.begin(), roots.roots_.end(),
                                     [&](const Root& root) { return root.name == name; });
         ++number) {
      name = StrCat(base, "-", number);
    }
    roots.roots_.push_back({.name = std::move(name), .folder = std::move(canonical)});
  }
  return roots;
}

std::string Roots::Names() const {
  std::string names;
  for (const Root& root : roots_) names += StrCat(names.empty() ? "" : ", ", root.name);
  return names;
}

std::string Roots::Named(const std::string& path) const {
  const Root* best = nullptr;
  for (const Root& root : roots_) {
    const bool nearer =
        best == nullptr || root.folder.native().size() > best->folder.native().size();
    if (nearer && IsBelow(path, root.folder)) best = &root;
  }
  if (best == nullptr) return path;
  return (fs::path(best->name) / fs::path(path).lexically_relative(best->folder)).native();
}

Result<fs::path> Roots::Candidate(const fs::path& given) const {
  if (given.is_absolute()) return given;
  const fs::path path = given.lexically_normal();
  if (path.empty() || path == ".") {
    if (roots_.size() == 1) return roots_.front().folder;
    return InvalidArgument(StrCat("directory: required, as several folders are served: ", Names()));
  }
  for (const Root& root : roots_) {
    if (*path.begin() != root.name) continue;
    fs::path below;
    for (auto part = std::next(path.begin()); part != path.end(); ++part) below /= *part;
    // A lone root may hold a folder of its own name.
    std::error_code ignored;
    if (roots_.size() == 1 && fs::exists(root.folder / path, ignored)) break;
    return root.folder / below;
  }
  if (roots_.size() == 1) return roots_.front().folder / path;
  return NotFound(StrCat("directory: ", given,
                         ": expected one of the folders that are served, or "
                         "what lies below one: ",
                         Names()));
}

bool Roots::Contains(const fs::path& canonical) const {
  return std::any_of(roots_.begin(), roots_.end(),
                     [&](const Root& root) { return IsBelow(canonical, root.folder); });
}

Result<fs::path> Roots::Resolve(const fs::path& given) const {
  CODERANK_ASSIGN(const fs::path candidate, Candidate(given));
  std::error_code error;
  fs::path canonical = fs::weakly_canonical(candidate, error);
  if (error || !Contains(canonical)) {
    return PermissionDenied(
        StrCat(given, ": lies outside of the folders that are served: ", Names()));
  }
  if (!fs::exists(canonical, error)) return NotFound(StrCat(given, ": no such folder or file"));
  return canonical;
}

}  // namespace coderank::server
