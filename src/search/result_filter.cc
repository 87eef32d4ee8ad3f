#include "search/result_filter.h"

#include <algorithm>

#include "text/language_kind.h"

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

bool IsIn(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
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
      without_languages_(options.without_languages),
      content_(options.content),
      passes_everything_(subpath_.empty() && paths_.empty() && excludes_.empty() &&
                         languages_.empty() && without_languages_.empty() &&
                         content_ == SearchContent::kAll) {}

bool ResultFilter::Passes(std::string_view path, std::string_view language) const {
  if (passes_everything_) return true;
  if (!IsBelow(subpath_, path)) return false;
  if (!languages_.empty() && !IsIn(languages_, language)) return false;
  if (IsIn(without_languages_, language)) return false;
  const bool prose = KindOfLanguage(language) == LanguageKind::kProse;
  if (content_ == (prose ? SearchContent::kCode : SearchContent::kDocs)) return false;
  if (!paths_.empty() && !Matches(paths_, path)) return false;
  return excludes_.empty() || !Matches(excludes_, path);
}

}  // namespace coderank
