#include "engine/search_filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class SearchFiltersTest : public ::testing::Test {
 protected:
  SearchFiltersTest() {
    world_.Write("tree/src/a.py", "a = 1\n");
    world_.Write("tree/docs/b.md", "b\n");
    world_.Write("other/c.py", "c = 1\n");
    root_ = fs::canonical(world_.path() / "tree");
  }

  Result<SearchFilters> Make(SearchRequest request, std::string_view query = "x") const {
    request.directory = root_;
    const auto parsed = ParseSearch(query);
    EXPECT_TRUE(parsed.has_value()) << query;
    return SearchFilters::Make(request, *parsed);
  }
  bool Passes(const SearchRequest& request, std::string_view path,
              std::string_view language = "python") const {
    const auto filters = Make(request);
    EXPECT_TRUE(filters.has_value()) << (filters ? "" : filters.error().message());
    return filters && filters->For(root_, "").Passes(path, language);
  }
  std::string ErrorOf(const SearchRequest& request, std::string_view query = "x") const {
    const auto filters = Make(request, query);
    EXPECT_FALSE(filters.has_value());
    if (filters) return "";
    EXPECT_EQ(filters.error().code(), StatusCode::kInvalidArgument);
    return filters.error().message();
  }

  testing::TempDir world_;
  fs::path root_;
};

TEST_F(SearchFiltersTest, ALeadingDotIsTheRoot) {
  EXPECT_TRUE(Passes({.paths = {"./src/**"}}, "src/a.py"));
  EXPECT_TRUE(Passes({.paths = {".//src"}}, "src/a.py"));
  EXPECT_TRUE(Passes({.paths = {"."}}, "src/a.py"));
  EXPECT_TRUE(Passes({.paths = {"./"}}, "src/a.py"));
  EXPECT_FALSE(Passes({.paths = {"./a.py"}}, "src/a.py"));  // of the root only
  EXPECT_TRUE(Passes({.paths = {"a.py"}}, "src/a.py"));
  EXPECT_FALSE(Passes({.excludes = {"./src/**"}}, "src/a.py"));
}

TEST_F(SearchFiltersTest, AnAbsolutePathBelowTheFolderIsRelativeToIt) {
  const std::string tree = root_.native();
  EXPECT_TRUE(Passes({.paths = {tree + "/src"}}, "src/a.py"));
  EXPECT_TRUE(Passes({.paths = {tree + "/src/*.py"}}, "src/a.py"));
  EXPECT_FALSE(Passes({.paths = {tree + "/src/*.py"}}, "docs/src/a.py"));
  EXPECT_TRUE(Passes({.paths = {tree}}, "docs/b.md"));
  EXPECT_FALSE(Passes({.excludes = {tree + "/src"}}, "src/a.py"));
  fs::create_directory_symlink(root_, world_.path() / "link");
  EXPECT_TRUE(Passes({.paths = {world_.path().native() + "/link/src/**"}}, "src/a.py"));
  // As in an ignore file: a leading '/' is the root of the index.
  EXPECT_TRUE(Passes({.paths = {"/src/**"}}, "src/a.py"));
  EXPECT_FALSE(Passes({.paths = {"/src/**"}}, "docs/src/a.py"));
}

TEST_F(SearchFiltersTest, GlobsThatCannotBeMeantAreRefused) {
  EXPECT_THAT(ErrorOf({.paths = {world_.path().native() + "/other/**"}}),
              AllOf(HasSubstr("path: \""), HasSubstr("outside of the folder")));
  EXPECT_THAT(ErrorOf({.excludes = {"/no-such-folder/**"}}), HasSubstr("exclude: \"/no-such"));
  EXPECT_THAT(ErrorOf({.paths = {"../other"}}), HasSubstr("leads out of the folder"));
  EXPECT_THAT(ErrorOf({.paths = {"["}}), HasSubstr("path: \"[\" is no glob"));
  EXPECT_THAT(ErrorOf({.excludes = {"src/a\\"}}), HasSubstr("exclude: \"src/a\\\" is no glob"));
  EXPECT_THAT(ErrorOf({}, "x path:[a"), HasSubstr("query: path:[a is no glob"));
}

TEST_F(SearchFiltersTest, LanguagesAreKnownByTheirUsualNames) {
  EXPECT_TRUE(Passes({.languages = {"py"}}, "src/a.py"));
  EXPECT_TRUE(Passes({.languages = {"Python"}}, "src/a.py"));
  EXPECT_FALSE(Passes({.languages = {"c++"}}, "src/a.py"));
  EXPECT_THAT(ErrorOf({.languages = {"pyhton"}}),
              AllOf(HasSubstr("lang: \"pyhton\""), HasSubstr("did you mean python?"),
                    HasSubstr("known: ada, ")));
  EXPECT_THAT(ErrorOf({}, "x -lang:pyhton"), HasSubstr("lang:pyhton is no language"));
}

TEST_F(SearchFiltersTest, AreSaidAgainAsTheyWereGiven) {
  const auto filters = Make({.paths = {"./src/**"}, .languages = {"py"}},
                            R"("an exact phrase" symbol:A symbol:B path:"my files" -lang:go x)");
  ASSERT_TRUE(filters.has_value());
  EXPECT_EQ(filters->described(),
            "\"an exact phrase\" and symbol:A or symbol:B and path:./src/** or path:\"my files\" "
            "and lang:py and -lang:go");
}

TEST_F(SearchFiltersTest, SaysWhyNothingWasFound) {
  const auto none = Make({});
  const auto python = Make({.languages = {"py"}});
  ASSERT_TRUE(none && python);
  EXPECT_EQ(WhyNothing({.filters = *python, .by_text = true}), "nothing indexed matches lang:py");
  EXPECT_EQ(WhyNothing({.filters = *python, .by_text = true, .words_only = true}),
            "nothing indexed has a word of the query and matches lang:py");
  EXPECT_EQ(WhyNothing({.filters = *python, .words_only = true, .subpath = "src"}),
            "nothing indexed in src matches lang:py");
  EXPECT_EQ(WhyNothing({.filters = *none, .by_text = true, .words_only = true}),
            "nothing indexed has a word of the query");
  EXPECT_EQ(WhyNothing({.filters = *none, .by_text = true, .subpath = "src"}),
            "no file is indexed in src");
  EXPECT_EQ(WhyNothing({.filters = *none, .by_text = true, .left_out = 12}),
            "offset leaves out all 12 results");
  EXPECT_EQ(WhyNothing({.filters = *none}), "no other chunk is indexed");
}

}  // namespace
}  // namespace coderank
