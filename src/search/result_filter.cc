#include "search/result_filter.h"

#include <algorithm>

namespace coderank {
namespace {

IgnoreRules Parse(const std::vector<std::string>& globs) {
  std::string lines;
  // A glob is never a comment: as one it would filter nothing.
  for (const std::string& glob : globs) lines += (glob.starts_with('#') ? "\\" : "") + glob + "\n";
  return IgnoreRules::Parse(lines, "filter");
}

// A rule may match the file or any folder above it; the nearest match decides, as in git.
bool Matches(const IgnoreRules& rules, std::string_view path) {
  bool is_folder = false;
  for (std::string_view part = path; !part.empty(); is_folder = true) {
    if (const IgnoreRule* rule = rules.LastMatch(part, is_folder)) return !rule->negated;
    const size_t slash = part.rfind('/');
    part = slash == std::string_view::npos ? std::string_view() : part.substr(0, slash);
  }
  return false;
}

}  // namespace

bool IsBelow(std::string_view folder, std::string_view path) {
  if (folder.empty() || path == folder) return true;
  return path.starts_with(folder) && path[folder.size()] == '/';
}

ResultFilter::ResultFilter(const FilterOptions& options)
    : subpath_(options.subpath),
      paths_(Parse(options.paths)),
      excludes_(Parse(options.excludes)),
      languages_(options.languages),
      passes_everything_(subpath_.empty() && paths_.empty() && excludes_.empty() &&
                         languages_.empty()) {}

bool ResultFilter::Passes(const StoredChunk& chunk) const {
  if (!IsBelow(subpath_, chunk.path)) return false;
  if (!languages_.empty() &&
      std::find(languages_.begin(), languages_.end(), chunk.language) == languages_.end()) {
    return false;
  }
  if (!paths_.empty() && !Matches(paths_, chunk.path)) return false;
  return excludes_.empty() || !Matches(excludes_, chunk.path);
}

}  // namespace coderank
