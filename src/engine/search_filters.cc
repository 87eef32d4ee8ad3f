#include "engine/search_filters.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/nearest_name.h"
#include "base/strings.h"
#include "base/try.h"
#include "source/language.h"
#include "text/glob.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// A value of a filter and where it stands: what messages begin with.
struct Given {
  std::string_view key;  // "path"
  const std::string& value;
  bool in_query = false;

  std::string Place() const {
    return in_query ? StrCat("query: ", key, ":", value) : StrCat(key, ": \"", value, "\"");
  }
};

std::string KnownNames() {
  std::string names;
  for (const std::string_view name : KnownLanguages()) {
    names += StrCat(names.empty() ? "" : ", ", name);
  }
  return names;
}

Result<std::string> Language(const Given& given) {
  const std::string_view language = LanguageNamed(given.value);
  if (!language.empty()) return std::string(language);
  const std::string_view nearest = NearestName(given.value, KnownLanguages());
  return InvalidArgument(StrCat(given.Place(), " is no language that is known; ",
                                nearest.empty() ? "" : StrCat("did you mean ", nearest, "? "),
                                "known: ", KnownNames()));
}

// In git's syntax a leading '/' is the folder that the globs belong to.
Result<std::string> Anchored(const Given& given) {
  std::string_view glob = given.value;
  bool anchored = false;
  while (glob.starts_with("./")) {
    anchored = true;
    glob.remove_prefix(std::min(glob.find_first_not_of('/', 1), glob.size()));
  }
  if (glob == ".." || glob.starts_with("../")) {
    return InvalidArgument(StrCat(given.Place(), " leads out of the folder that is searched"));
  }
  if (Glob(glob, GlobMode::kPath).malformed()) {
    return InvalidArgument(StrCat(given.Place(), " is no glob: expected a ']' for each '[' and a ",
                                  "character after each '\\'"));
  }
  if (glob == "." || (anchored && glob.empty())) return std::string("/**");
  return StrCat(anchored ? "/" : "", glob);
}

// `path` below `folder`, "." for the folder itself.
std::optional<fs::path> Below(const fs::path& folder, const fs::path& path) {
  const fs::path relative = path.lexically_relative(folder);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative;
}

std::vector<fs::path> FoldersOf(const SearchRequest& request) {
  std::vector<fs::path> folders;
  if (!request.snapshot.empty()) return folders;
  std::error_code error;
  folders.push_back(fs::weakly_canonical(request.directory, error));
  for (const fs::path& directory : request.more_directories) {
    folders.push_back(fs::weakly_canonical(directory, error));
  }
  return folders;
}

// A glob that is an absolute path of this machine, below one of the folders: links are followed up
// to its first wildcard.
std::optional<fs::path> AbsoluteBelow(const std::string& glob,
                                      const std::vector<fs::path>& folders) {
  if (!glob.starts_with('/')) return std::nullopt;
  const size_t wildcard = std::min(glob.find_first_of("*?[\\"), glob.size());
  const size_t split = wildcard == glob.size() ? wildcard : glob.rfind('/', wildcard);
  std::error_code error;
  const fs::path literal = fs::weakly_canonical(fs::path(glob.substr(0, split)), error);
  if (error || literal == "/") return std::nullopt;
  const fs::path whole = literal.native() + glob.substr(split);
  for (const fs::path& folder : folders) {
    if (Below(folder, literal)) return whole;
  }
  return std::nullopt;
}

// Whether `glob`, which begins with a '/', can begin at the root of an index of one of the folders,
// which is the folder or one above it.
bool MayBeginAtRoot(const std::string& glob, const std::vector<fs::path>& folders) {
  const std::string first = glob.substr(1, glob.find('/', 1) - 1);
  if (folders.empty() || first.find_first_of("*?[\\") != std::string::npos) return true;
  for (fs::path folder : folders) {
    for (; folder.has_relative_path(); folder = folder.parent_path()) {
      std::error_code ignored;
      if (fs::exists(fs::symlink_status(folder / first, ignored))) return true;
    }
  }
  return false;
}

// What a field says, sorted into globs of the root and absolute ones.
Status AddField(std::string_view key, const std::vector<std::string>& values,
                const SearchRequest& request, std::vector<std::string>& globs,
                std::vector<fs::path>& absolute) {
  for (const std::string& value : values) {
    const Given given{.key = key, .value = value};
    CODERANK_ASSIGN(std::string glob, Anchored(given));
    if (value.starts_with('/')) {
      const std::vector<fs::path> folders = FoldersOf(request);  // asks the file system
      if (auto path = AbsoluteBelow(value, folders)) {
        absolute.push_back(*std::move(path));
        continue;
      }
      if (!MayBeginAtRoot(value, folders)) {
        return InvalidArgument(StrCat(given.Place(), " lies outside of the folder that is ",
                                      "searched; a glob is relative to it"));
      }
    }
    globs.push_back(std::move(glob));
  }
  return OkStatus();
}

// Of the query: relative ones alone.
Status AddFromQuery(const std::vector<std::string>& values, std::vector<std::string>& globs) {
  for (const std::string& value : values) {
    CODERANK_ASSIGN(std::string glob, Anchored({.key = "path", .value = value, .in_query = true}));
    globs.push_back(std::move(glob));
  }
  return OkStatus();
}

Status AddLanguages(const std::vector<std::string>& values, bool in_query,
                    std::vector<std::string>& languages) {
  for (const std::string& value : values) {
    CODERANK_ASSIGN(std::string name,
                    Language({.key = "lang", .value = value, .in_query = in_query}));
    languages.push_back(std::move(name));
  }
  return OkStatus();
}

// "a and b or c": what has to hold together, of each what may hold instead.
class Description {
 public:
  void All(std::string_view key, const std::vector<std::string>& values) {
    for (const std::string& value : values) Add(" and ", key, value);
  }
  void Any(std::string_view key, std::vector<std::string> values,
           const std::vector<std::string>& more = {}) {
    values.insert(values.end(), more.begin(), more.end());
    for (size_t i = 0; i < values.size(); ++i) Add(i == 0 ? " and " : " or ", key, values[i]);
  }
  std::string Take() { return std::move(text_); }

 private:
  // As the query has it: in quotes where it holds blanks.
  void Add(std::string_view joint, std::string_view key, const std::string& value) {
    const bool quoted = key.empty() || value.find_first_of(" \t") != std::string::npos;
    const std::string_view quote = quoted ? "\"" : "";
    text_ += StrCat(text_.empty() ? "" : joint, key, quote, value, quote);
  }

  std::string text_;
};

std::string Describe(const SearchRequest& request, const ParsedSearch& parsed) {
  Description description;
  description.All("", parsed.phrases);
  description.Any("symbol:", parsed.symbols);
  description.Any("path:", request.paths, parsed.paths);
  description.Any("lang:", request.languages, parsed.languages);
  description.All("-path:", request.excludes);
  description.All("-path:", parsed.excluded_paths);
  description.All("-lang:", parsed.excluded_languages);
  if (request.content == SearchContent::kCode) description.All("content:", {"code"});
  if (request.content == SearchContent::kDocs) description.All("content:", {"docs"});
  return description.Take();
}

void AddBelow(const fs::path& root, const std::vector<fs::path>& absolute,
              std::vector<std::string>& globs) {
  for (const fs::path& glob : absolute) {
    const auto below = Below(root, glob);
    // One of another index matches nothing in this one, as it stands.
    globs.push_back(!below          ? glob.native()
                    : *below == "." ? std::string("/**")
                                    : StrCat("/", *below));
  }
}

}  // namespace

Result<SearchFilters> SearchFilters::Make(const SearchRequest& request,
                                          const ParsedSearch& parsed) {
  SearchFilters filters;
  FilterOptions& options = filters.options_;
  options.content = request.content;
  CODERANK_TRY(AddField("path", request.paths, request, options.paths, filters.absolute_paths_));
  CODERANK_TRY(
      AddField("exclude", request.excludes, request, options.excludes, filters.absolute_excludes_));
  CODERANK_TRY(AddFromQuery(parsed.paths, options.paths));
  CODERANK_TRY(AddFromQuery(parsed.excluded_paths, options.excludes));
  CODERANK_TRY(AddLanguages(request.languages, false, options.languages));
  CODERANK_TRY(AddLanguages(parsed.languages, true, options.languages));
  CODERANK_TRY(AddLanguages(parsed.excluded_languages, true, options.without_languages));
  filters.described_ = Describe(request, parsed);
  return filters;
}

ResultFilter SearchFilters::For(const fs::path& root, const std::string& subpath) const {
  FilterOptions options = options_;
  options.subpath = subpath;
  AddBelow(root, absolute_paths_, options.paths);
  AddBelow(root, absolute_excludes_, options.excludes);
  return ResultFilter(options);
}

std::string WhyNothing(const FruitlessSearch& search) {
  const std::string& filters = search.filters.described();
  if (search.left_out > 0) {
    return StrCat("offset leaves out all ", search.left_out, " results");
  }
  const std::string place =
      search.subpath.empty() ? "nothing indexed" : StrCat("nothing indexed in ", search.subpath);
  // Who holds a phrase has its words.
  const bool lacks_words = search.words_only && search.by_text && !search.by_phrase;
  if (!filters.empty()) {
    return StrCat(place, lacks_words ? " has a word of the query and matches " : " matches ",
                  filters);
  }
  if (!search.by_text) {
    return StrCat("no other chunk ", search.words_only ? "has words of this one" : "is indexed");
  }
  if (search.words_only) return StrCat(place, " has a word of the query");
  return search.subpath.empty() ? "no file is indexed"
                                : StrCat("no file is indexed in ", search.subpath);
}

}  // namespace coderank
