// Which files a search is about: the fields of a request and the filters inside its query, checked
// before anything is indexed, made one, and said again where nothing passes them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "coderank/result.h"
#include "coderank/search.h"
#include "lexical/query_syntax.h"
#include "search/result_filter.h"

namespace coderank {

// Immutable, so thread-safe.
class SearchFilters {
 public:
  // kInvalidArgument for a glob that cannot be meant or leads out of what is searched, and for a
  // language that nobody knows, with the nearest one.
  static Result<SearchFilters> Make(const SearchRequest& request, const ParsedSearch& parsed);

  // For the index of `root`, of which only `subpath` is asked about ("" for all).
  ResultFilter For(const std::filesystem::path& root, const std::string& subpath) const;

  // Everything that a result has to pass, phrases and symbols included, in the syntax of a query:
  // "lang:python and path:src/** or path:lib/**". Empty where there is nothing.
  const std::string& described() const { return described_; }

 private:
  FilterOptions options_;  // without the globs below
  // Absolute, below a folder that is searched.
  std::vector<std::filesystem::path> absolute_paths_;
  std::vector<std::filesystem::path> absolute_excludes_;
  std::string described_;
};

// A search without results.
struct FruitlessSearch {
  const SearchFilters& filters;
  bool by_text = false;     // words were asked for
  bool by_phrase = false;   // exact ones, too
  bool words_only = false;  // not every chunk could be compared by its vector
  size_t left_out = 0;      // results before the first one that was asked for
  std::string subpath;      // of the only index; "" where all of it was asked about
};

// Why it has none: a clause, as in "nothing indexed matches lang:go".
std::string WhyNothing(const FruitlessSearch& search);

}  // namespace coderank
