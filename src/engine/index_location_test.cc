#include "engine/index_location.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// For as long as it lives, where this process may change its user.
class AsNobody {
 public:
  AsNobody() { changed_ = ::geteuid() == 0 && ::seteuid(65534) == 0; }
  ~AsNobody() {
    if (changed_) (void)::seteuid(0);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool changed_ = false;
};

class IndexLocationTest : public ::testing::Test {
 protected:
  IndexLocationTest() { std::filesystem::create_directories(tree_ / "src/deep"); }

  IndexLocator Locator(LocateOptions options = {}) const {
    return {
        {.config = dir_.path() / "c", .data = dir_.path() / "data", .state = dir_.path() / "state"},
        std::move(options)};
  }
  IndexLocation Make(const std::filesystem::path& root, LocateOptions options = {}) {
    const IndexLocator locator = Locator(std::move(options));
    IndexLocation location = *locator.ForRoot(root, notes_);
    const Status created = locator.CreateFolder(location);
    EXPECT_TRUE(created.ok()) << created.message();
    const Status claimed = locator.Claim(location);
    EXPECT_TRUE(claimed.ok()) << claimed.message();
    return location;
  }
  void ShipForeignIndex() const {
    dir_.Write("tree/.coderank/index.db", "poison");
    dir_.Write("tree/.coderank/id", "0123456789abcdef0123456789abcdef");
    dir_.Write("tree/.coderank/root", "/");
  }

  testing::TempDir dir_;
  std::filesystem::path tree_ = dir_.path() / "tree";
  std::vector<std::string> notes_;
};

TEST_F(IndexLocationTest, FoldersInsideAnIndexedTreeFindIt) {
  EXPECT_FALSE(*Locator().Find(tree_, notes_));
  const IndexLocation made = Make(tree_);
  EXPECT_EQ(made.folder, tree_ / ".coderank");
  const auto found = *Locator().Find(tree_ / "src/deep", notes_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->root, tree_);
  EXPECT_EQ(found->subpath, "src/deep");
  EXPECT_EQ(found->id, made.id);
  EXPECT_EQ((*Locator().Find(tree_, notes_))->subpath, "");
  EXPECT_THAT(notes_, IsEmpty());
  struct stat info {};
  ASSERT_EQ(::stat(made.folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST_F(IndexLocationTest, MovedTreeKeepsItsIndex) {
  Make(tree_);
  std::filesystem::rename(tree_, dir_.path() / "moved");
  const auto found = *Locator().Find(dir_.path() / "moved", notes_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->folder, dir_.path() / "moved/.coderank");
}

TEST_F(IndexLocationTest, ForgettingACopyKeepsTheOriginal) {
  const IndexLocation original = Make(tree_);
  const std::filesystem::path copied = dir_.path() / "copied";
  std::filesystem::copy(tree_, copied, std::filesystem::copy_options::recursive);
  const IndexLocation copy = Make(copied);
  EXPECT_EQ(copy.folder, copied / ".coderank");
  std::filesystem::remove_all(copy.folder);
  Locator().Forget(copy);
  EXPECT_TRUE(*Locator().Find(tree_, notes_));
  EXPECT_THAT(notes_, IsEmpty());
  std::filesystem::remove_all(original.folder);
  Locator().Forget(original);
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "state/indexes" / original.id));
}

TEST_F(IndexLocationTest, TreeThatCannotBeWrittenToIsIndexedInTheUsersFolder) {
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod(tree_.c_str(), 0555), 0);
  const AsNobody unprivileged;  // the superuser may write everywhere
  const IndexLocation made = Make(tree_);
  EXPECT_TRUE(made.folder.native().starts_with((dir_.path() / "data/indexes").native()));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("cannot be written to")));
  EXPECT_EQ((*Locator().Find(tree_, notes_))->folder, made.folder);
  EXPECT_EQ(Make(tree_).folder, made.folder);
  EXPECT_THAT(notes_, ::testing::SizeIs(1)) << "said once";
}

TEST_F(IndexLocationTest, ForeignIndexIsNotUsedUnlessTrusted) {
  ShipForeignIndex();
  EXPECT_FALSE(*Locator().Find(tree_, notes_));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("did not make it")));
  const auto trusted = *Locator({.explicit_folder = {}, .trust_index = true}).Find(tree_, notes_);
  ASSERT_TRUE(trusted);
  EXPECT_EQ(trusted->folder, tree_ / ".coderank");
  EXPECT_EQ(trusted->id, "") << "the foreign id is not taken over";
}

TEST_F(IndexLocationTest, TreeWithForeignIndexIsIndexedInTheUsersFolder) {
  ShipForeignIndex();
  const IndexLocation made = Make(tree_);
  EXPECT_TRUE(made.folder.native().starts_with((dir_.path() / "data/indexes").native()));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("is kept in")));
  const auto found = *Locator().Find(tree_ / "src", notes_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->folder, made.folder);
  EXPECT_EQ(found->subpath, "src");
}

TEST_F(IndexLocationTest, LinkInPlaceOfTheFolderIsForeign) {
  const IndexLocation elsewhere = Make(dir_.path() / "tree/src");
  std::filesystem::create_symlink(elsewhere.folder, tree_ / ".coderank");
  EXPECT_FALSE(*Locator().Find(tree_, notes_));
  EXPECT_NE(Make(tree_).folder, tree_ / ".coderank");
}

TEST_F(IndexLocationTest, FolderOfAKilledCreationIsTakenOver) {
  dir_.Write("tree/.coderank/id.Xy12ab", "half");
  EXPECT_FALSE(*Locator().Find(tree_, notes_));
  EXPECT_EQ(Make(tree_).folder, tree_ / ".coderank");
  EXPECT_TRUE(*Locator().Find(tree_, notes_));
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(IndexLocationTest, TwoFirstRunsAgreeOnOneId) {
  const IndexLocator locator = Locator();
  IndexLocation first = *locator.ForRoot(tree_, notes_);
  IndexLocation second = *locator.ForRoot(tree_, notes_);  // has looked before the first claims
  ASSERT_TRUE(locator.CreateFolder(first).ok());
  ASSERT_TRUE(locator.CreateFolder(second).ok());
  ASSERT_TRUE(locator.Claim(first).ok());
  ASSERT_TRUE(locator.Claim(second).ok());
  EXPECT_EQ(first.id, second.id);
}

TEST_F(IndexLocationTest, LinkInPlaceOfTheIdIsForeign) {
  const IndexLocation other = Make(tree_ / "src");
  std::filesystem::create_directories(tree_ / ".coderank");
  std::filesystem::create_symlink(other.folder / "id", tree_ / ".coderank/id");
  EXPECT_NE((*Locator().ForRoot(tree_, notes_)).id, other.id);
}

TEST_F(IndexLocationTest, KillBeforeTheRootIsWrittenLosesNothing) {
  const LocateOptions elsewhere{.explicit_folder = dir_.path() / "i", .trust_index = false};
  const IndexLocation made = Make(tree_, elsewhere);
  std::filesystem::remove(made.folder / "root");
  const auto found = Locator(elsewhere).Find(tree_ / "src", notes_);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ((*found)->root, tree_);
  EXPECT_EQ(Make(tree_, elsewhere).id, made.id);
}

TEST_F(IndexLocationTest, ExplicitFolderServesItsTreeOnly) {
  const LocateOptions elsewhere{.explicit_folder = dir_.path() / "elsewhere/i",
                                .trust_index = false};
  Make(tree_, elsewhere);
  EXPECT_FALSE(std::filesystem::exists(tree_ / ".coderank"));
  const auto found = *Locator(elsewhere).Find(tree_ / "src", notes_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->root, tree_);
  EXPECT_EQ(found->subpath, "src");
  const auto other = Locator(elsewhere).Find(dir_.path(), notes_);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message(), HasSubstr("is the index of"));
  EXPECT_FALSE(Locator(elsewhere).ForRoot(tree_ / "src", notes_));
}

TEST_F(IndexLocationTest, MissingFoldersAndFilesAreErrors) {
  EXPECT_EQ(Locator().Find(dir_.path() / "none", notes_).error().code(), StatusCode::kNotFound);
  dir_.Write("tree/file.cc", "");
  EXPECT_EQ(Locator().ForRoot(tree_ / "file.cc", notes_).error().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace coderank
