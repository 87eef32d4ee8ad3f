// Whole walks against the installed git, and against ExplainPath, on random trees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "source/walk_testing.h"
#include "support/process.h"

namespace coderank {
namespace {

class WalkGitTest : public IsolatedWalkTest {
 protected:
  size_t Below(size_t limit) { return random_() % limit; }
  std::string Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }

  std::string Path() {
    std::string path;
    for (size_t parts = Below(4); parts > 0; --parts) path += Pick({"a", "b", "ab", "foo"}) + "/";
    return path + Pick({"a.c", "b.c", "foo.c", "x", "y z", "a.h", "b.o2", "[x]"});
  }

  std::string Rules() {
    std::string rules;
    for (size_t lines = 1 + Below(4); lines > 0; --lines) {
      rules += Pick({"", "", "!", "/", "!/"});
      for (size_t parts = 1 + Below(3); parts > 0; --parts) {
        rules += Pick({"a", "b", "foo", "*", "?", "**/", "/", "/**", "[ab]", ".c", "*.c", "x"});
      }
      rules += Pick({"\n", "\n", "/\n", " \n", "\r\n"});
    }
    return rules;
  }

  // The least that git takes for a repository; "git init" writes thirty files.
  void WriteRepository(const std::string& top) const {
    Write(top + ".git/HEAD", "ref: refs/heads/main\n");
    std::filesystem::create_directories(root() / top / ".git/objects");
    std::filesystem::create_directories(root() / top / ".git/refs");
  }

  // A tree whose files do not meet the names of the built-in rules.
  void WriteRandomTree(const std::string& top, bool with_own_rules) {
    for (int i = 0; i < 30; ++i) {
      const std::string path = top + Path();
      if (!std::filesystem::is_directory(root() / path)) Write(path);
    }
    std::vector<std::string> folders{root() / top};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / top)) {
      if (entry.is_directory() && entry.path().filename() != ".git") {
        folders.push_back(entry.path());
      }
    }
    for (const std::string& folder : folders) {
      const std::string relative = std::filesystem::path(folder).lexically_relative(root());
      if (Below(3) == 0) Write(relative + "/.gitignore", Rules());
      if (with_own_rules && Below(3) == 0) Write(relative + "/.coderankignore", Rules());
      if (with_own_rules && Below(4) == 0) Write(relative + "/.hidden.c", "x");
    }
  }

  std::string Git(const std::vector<std::string>& arguments, const std::string& below) const {
    std::vector<std::string> command{"git"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    ::coderank::testing::ProcessOptions options;
    options.working_directory = root() / below;
    options.environment = {
        {"GIT_CONFIG_NOSYSTEM", "1"}, {"GIT_DIR", ""}, {"GIT_CONFIG_GLOBAL", ""}};
    const auto result = ::coderank::testing::RunProcess(command, options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }

  // What git would add, hidden files apart.
  std::vector<std::string> GitFiles(const std::string& below) const {
    const std::string out = Git({"ls-files", "-z", "-o", "--exclude-standard"}, below);
    std::vector<std::string> files;
    for (size_t at = 0; at < out.size();) {
      files.push_back(out.substr(at, out.find('\0', at) - at));
      at += files.back().size() + 1;
    }
    std::erase_if(files, [](const std::string& path) {
      return path.find(".gitignore") != std::string::npos;
    });
    std::sort(files.begin(), files.end());
    return files;
  }

  std::mt19937 random_{11};
};

TEST_F(WalkGitTest, RandomTreesGiveTheFilesThatGitSees) {
  size_t seen = 0;
  size_t left_out = 0;
  for (int round = 0; round < 12; ++round) {
    const std::string top = "r" + std::to_string(round) + "/";
    WriteRepository(top);
    Write(top + ".git/info/exclude", Rules());
    WriteHome(".config/git/ignore", Rules());
    WriteRandomTree(top, false);
    auto walked = Walked({}, top);
    std::erase_if(walked.files,
                  [](const std::string& path) { return path.ends_with(".gitignore"); });
    ASSERT_EQ(walked.files, GitFiles(top)) << "round " << round;
    seen += walked.files.size();
    left_out += walked.skipped.size();
  }
  EXPECT_GT(seen, 60U);
  EXPECT_GT(left_out, 60U);
}

TEST_F(WalkGitTest, ARootInsideOfARepositoryGivesTheSameFiles) {
  size_t seen = 0;
  for (int round = 0; round < 12; ++round) {
    const std::string top = "r" + std::to_string(round) + "/";
    WriteRepository(top);
    Write(top + ".gitignore", Rules());
    WriteRandomTree(top, false);
    std::set<std::string> whole;
    for (const std::string& path : Walked({}, top).files) whole.insert(path);
    for (const char* sub : {"a", "b", "foo"}) {
      if (!std::filesystem::is_directory(root() / top / sub)) continue;
      const auto explained = ExplainPath(root() / top, {}, sub);
      ASSERT_TRUE(explained);
      if (!explained->indexed) continue;  // a root that is named is walked even when excluded
      std::vector<std::string> expected;
      for (const std::string& path : whole) {
        if (path.starts_with(std::string(sub) + "/"))
          expected.push_back(path.substr(std::string(sub).size() + 1));
      }
      ASSERT_EQ(Walked({}, top + sub).files, expected) << top << sub;
      seen += expected.size();
    }
  }
  EXPECT_GT(seen, 10U);
}

// Every entry of the tree, below excluded folders too.
TEST_F(WalkGitTest, ExplainPathAgreesWithTheWalk) {
  size_t checked = 0;
  for (int round = 0; round < 8; ++round) {
    const std::string top = "r" + std::to_string(round) + "/";
    std::filesystem::create_directories(root() / top);
    WriteRandomTree(top, true);
    Write(top + ".env");
    Write(top + "a/node_modules/m.js");
    Write(top + "foo/env/pyvenv.cfg");
    Write(top + "big.c", std::string(100, 'x'));
    std::filesystem::create_symlink("a", root() / top / "link");
    WalkOptions options;
    options.max_file_bytes = 99;
    options.include_hidden = round % 2 == 0;
    options.include_secrets = round % 3 == 0;
    options.use_ignore_files = round % 5 != 0;
    options.extra_patterns = {"*.h"};
    const auto walked = Walked(options, top);
    const std::set<std::string> files(walked.files.begin(), walked.files.end());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / top)) {
      const std::string path = entry.path().lexically_relative(root() / top);
      const auto verdict = ExplainPath(root() / top, options, path);
      ASSERT_TRUE(verdict) << verdict.error().message();
      if (verdict->indexed) {
        ASSERT_TRUE(files.contains(path) ||
                    (entry.is_directory() && !walked.skipped.contains(path)))
            << path;
      } else {
        const SkippedEntry& skipped = verdict->skipped;
        ASSERT_TRUE(walked.skipped.contains(skipped.path)) << path;
        ASSERT_EQ(walked.skipped.at(skipped.path),
                  StrCat(SkipReasonName(skipped.reason), " ", skipped.detail));
        ASSERT_TRUE(skipped.path == path || path.starts_with(skipped.path + "/"));
        ASSERT_FALSE(files.contains(path));
      }
      ++checked;
    }
  }
  EXPECT_GT(checked, 300U);
}

TEST_F(WalkGitTest, ExplainPathOfWhatIsNotThere) {
  Write("a.c");
  EXPECT_EQ(ExplainPath(root(), {}, "absent").error().code(), StatusCode::kNotFound);
  EXPECT_EQ(ExplainPath(root(), {}, "a.c/b").error().code(), StatusCode::kNotFound);
  EXPECT_TRUE(ExplainPath(root(), {}, "./a.c")->indexed);
  EXPECT_TRUE(ExplainPath(root(), {}, "")->indexed);
}

}  // namespace
}  // namespace coderank
