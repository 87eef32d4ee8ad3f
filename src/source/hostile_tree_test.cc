// Trees that try to lead the walk or the reader astray.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/file.h"
#include "source/open_beneath.h"
#include "source/walk_testing.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HostileTreeTest : public IsolatedWalkTest {
 protected:
  void Link(const std::string& target, const std::string& path) const {
    std::filesystem::create_directories((root() / path).parent_path());
    std::filesystem::create_symlink(target, root() / path);
  }

  // Below root()/tree, so that there is an outside.
  SourceReadResult Read(const std::string& relative, const WalkOptions& options = {}) const {
    auto result = ReadSourceFile(root() / "tree", relative, options);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *std::move(result) : SourceReadResult{};
  }
};

TEST_F(HostileTreeTest, LinksAreNamedAndNotFollowed) {
  Write("tree/a.c");
  Write("outside/secret.c");
  Link(".", "tree/loop");
  Link("../outside", "tree/out");
  Link("../outside/secret.c", "tree/file.c");
  Link("nowhere", "tree/dangling");
  const auto walked = Walked({}, "tree");
  EXPECT_THAT(walked.files, ElementsAre("a.c"));
  for (const char* path : {"loop", "out", "file.c", "dangling"}) {
    EXPECT_EQ(walked.skipped.at(path), "symbolic_link ");
    EXPECT_EQ(Read(path).skipped.reason, SkipReason::kSymbolicLink) << path;
  }
  EXPECT_EQ(Read("out/secret.c").skipped.reason, SkipReason::kSymbolicLink);
  EXPECT_TRUE(Read("a.c").readable);
}

TEST_F(HostileTreeTest, ARuleFileThatIsALinkIsNotRead) {
  Write("outside/secret", "a.c\n");
  Write("tree/a.c");
  Link("../outside/secret", "tree/.gitignore");
  const auto walked = Walked({}, "tree");
  EXPECT_THAT(walked.files, ElementsAre("a.c"));
  EXPECT_EQ(walked.problems.size(), 1U);
}

TEST_F(HostileTreeTest, PathsOutOfTheRootAreRefused) {
  Write("tree/a.c");
  Write("outside.c");
  for (const char* path : {"../outside.c", "a/../../outside.c", "/etc/passwd", ".."}) {
    EXPECT_EQ(ReadSourceFile(root() / "tree", path, {}).error().code(),
              StatusCode::kInvalidArgument);
    EXPECT_EQ(ExplainPath(root() / "tree", {}, path).error().code(), StatusCode::kInvalidArgument);
  }
}

TEST_F(HostileTreeTest, FifosAndSocketsDoNotHang) {
  Write("tree/a.c");
  ASSERT_EQ(::mkfifo((root() / "tree/fifo").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((root() / "tree/.gitignore").c_str(), 0600), 0);
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (root() / "tree/socket").c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const auto walked = Walked({}, "tree");
  EXPECT_THAT(walked.files, ElementsAre("a.c"));
  EXPECT_EQ(walked.skipped.at("fifo"), "not_regular ");
  EXPECT_EQ(walked.skipped.at("socket"), "not_regular ");
  EXPECT_EQ(Read("fifo").skipped.reason, SkipReason::kNotRegular);
  EXPECT_EQ(Read("socket").skipped.reason, SkipReason::kNotRegular);
  EXPECT_EQ(Read("").skipped.reason, SkipReason::kNotRegular);
}

TEST_F(HostileTreeTest, DeepTreesEndAtTheLimit) {
  const std::string name(100, 'd');  // 300 of them exceed PATH_MAX
  UniqueFd at(::open(root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::string limit_path;
  for (size_t depth = 1; depth <= 300; ++depth) {
    ASSERT_EQ(::mkdirat(at.get(), name.c_str(), 0700), 0);
    at = UniqueFd(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const UniqueFd file(::openat(at.get(), "f.c", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_TRUE(file.valid());
    if (depth <= kMaximumFolderDepth + 1) limit_path += (depth == 1 ? "" : "/") + name;
  }
  const auto walked = Walked();
  EXPECT_EQ(walked.files.size(), kMaximumFolderDepth);
  EXPECT_THAT(walked.skipped,
              ElementsAre(::testing::Pair(limit_path, "unreadable more than 256 folders deep")));
  EXPECT_EQ(ExplainPath(root(), {}, limit_path)->skipped.reason, SkipReason::kUnreadable);
  EXPECT_EQ(ExplainPath(root(), {}, limit_path + "/" + name + "/f.c")->skipped.path, limit_path);
  EXPECT_TRUE(ReadSourceFile(root(), walked.files.front(), {})->readable) << "longer than PATH_MAX";
  ASSERT_EQ(std::system(("rm -rf '" + root().native() + "/" + name + "'").c_str()), 0);
}

TEST_F(HostileTreeTest, OddNames) {
  Write("new\nline.c");
  Write("esc\x1b[31m.c");
  Write("*.c");
  Write("bad\xFF.c");
  Write("bad\xFE/a.c");
  const auto walked = Walked();
  EXPECT_THAT(walked.files, ElementsAre("*.c", "esc\x1b[31m.c", "new\nline.c"));
  EXPECT_EQ(walked.skipped.at("bad\xEF\xBF\xBD.c"), "not_utf8_name ");
  EXPECT_EQ(walked.skipped.at("bad\xEF\xBF\xBD"), "not_utf8_name ");
  EXPECT_EQ(ReadSourceFile(root(), "bad\xFF.c", {})->skipped.reason, SkipReason::kNotUtf8Name);
}

// Permissions do not bind root: there the walk runs as a user who owns the tree only.
TEST_F(HostileTreeTest, AnUnreadableFolderIsReported) {
  constexpr uid_t kNobody = 65534;
  Write("a.c");
  Write("shut/b.c");
  ASSERT_EQ(::chmod((root() / "shut").c_str(), 0), 0);
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(root().c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const auto walked = Walked();
  const auto verdict = ExplainPath(root(), {}, "shut/b.c");
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_THAT(walked.files, ElementsAre("a.c"));
  EXPECT_THAT(walked.skipped.at("shut"), HasSubstr("unreadable"));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->skipped.path, "shut");
}

// Removes a folder and swaps a file while the walk is under way.
class MeddlingVisitor : public CollectingVisitor {
 public:
  explicit MeddlingVisitor(std::filesystem::path root) : root_(std::move(root)) {}
  Status OnFile(const WalkedFile& file) override {
    if (file.path == "a.c") {
      std::filesystem::remove_all(root_ / "b");
      std::filesystem::remove(root_ / "c.c");
      std::filesystem::remove(root_ / "d.c");
      std::filesystem::create_symlink("/etc/passwd", root_ / "d.c");
      std::filesystem::remove_all(root_ / "e");
      std::filesystem::create_symlink("/etc", root_ / "e");
    }
    return CollectingVisitor::OnFile(file);
  }

 private:
  std::filesystem::path root_;
};

TEST_F(HostileTreeTest, WhatChangesDuringTheWalk) {
  for (const char* path : {"a.c", "b/x.c", "c.c", "d.c", "e/x.c", "f.c"}) Write(path);
  MeddlingVisitor visitor(root());
  ASSERT_TRUE(Walk(root(), {}, visitor).ok());
  EXPECT_THAT(visitor.walked.files, ElementsAre("a.c", "f.c"));
  EXPECT_EQ(visitor.walked.skipped.at("d.c"), "symbolic_link ");
  EXPECT_THAT(visitor.walked.skipped.at("e"), HasSubstr("unreadable"));
  EXPECT_EQ(visitor.walked.skipped.size(), 2U);
}

TEST_F(HostileTreeTest, OpeningByNameRefusesLinksToo) {
  Write("tree/sub/a.c");
  Write("outside/a.c");
  Link("../outside", "tree/out");
  Link("sub/a.c", "tree/a.c");
  const UniqueFd folder(::open((root() / "tree").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int error = 0;
  EXPECT_TRUE(OpenBeneathByName(folder.get(), {"sub", "a.c"}, error).valid());
  EXPECT_FALSE(OpenBeneathByName(folder.get(), {"out", "a.c"}, error).valid());
  EXPECT_EQ(error, ELOOP);
  EXPECT_FALSE(OpenBeneathByName(folder.get(), {"a.c"}, error).valid());
  EXPECT_EQ(error, ELOOP);
  EXPECT_FALSE(OpenBeneathByName(folder.get(), {"absent", "a.c"}, error).valid());
  EXPECT_EQ(error, ENOENT);
}

}  // namespace
}  // namespace coderank
