// Which files a search may return results from. Filters act before the best results are chosen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coderank/search.h"
#include "text/ignore_rules.h"

namespace coderank {

struct FilterOptions {
  std::string subpath;                         // folder or file below the root; "" for everything
  std::vector<std::string> paths;              // globs in gitignore syntax; keep if any matches
  std::vector<std::string> excludes;           // drop if any matches
  std::vector<std::string> languages;          // keep if any equals
  std::vector<std::string> without_languages;  // drop if any equals
  SearchContent content = SearchContent::kAll;
};

// Immutable, so thread-safe.
class ResultFilter {
 public:
  explicit ResultFilter(const FilterOptions& options);

  bool passes_everything() const { return passes_everything_; }
  bool Passes(std::string_view path, std::string_view language) const;

 private:
  std::string subpath_;
  IgnoreRules paths_;
  IgnoreRules excludes_;
  std::vector<std::string> languages_;
  std::vector<std::string> without_languages_;
  SearchContent content_;
  bool passes_everything_;
};

// Whether `path` lies at or below `folder` ("" is the root).
bool IsBelow(std::string_view folder, std::string_view path);

}  // namespace coderank
