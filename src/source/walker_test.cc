#include "source/walker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/walk_testing.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WalkerTest : public IsolatedWalkTest {};

TEST_F(WalkerTest, FilesComeInTheOrderOfTheirPaths) {
  for (const char* path : {"b.c", "a/z.c", "a.c", "a-b/c.c", "a/b/c.c", "B.c", "a0.c"}) Write(path);
  EXPECT_THAT(Walked().files,
              ElementsAre("B.c", "a-b/c.c", "a.c", "a/b/c.c", "a/z.c", "a0.c", "b.c"));
}

TEST_F(WalkerTest, NestedIgnoreFilesAndTheirPrecedence) {
  Write(".gitignore", "*.log\n/top.c\n");
  Write("a/.gitignore", "!keep.log\n");
  Write("a/.coderankignore", "x.c\n");
  Write("a/b/.gitignore", "!x.c\n");
  for (const char* path : {"top.c", "a/top.c", "a/keep.log", "b/keep.log", "a/x.c", "a/b/x.c"}) {
    Write(path);
  }
  const auto walked = Walked();
  EXPECT_THAT(walked.files, ElementsAre("a/b/x.c", "a/keep.log", "a/top.c"));
  EXPECT_EQ(walked.skipped.at("top.c"), "ignored .gitignore:2: /top.c");
  EXPECT_EQ(walked.skipped.at("a/x.c"), "ignored a/.coderankignore:1: x.c");
}

TEST_F(WalkerTest, OfOneFolderCoderankignoreIsTheStronger) {
  Write(".gitignore", "a.c\n!b.c\n");
  Write(".coderankignore", "!a.c\nb.c\n");
  Write("a.c");
  Write("b.c");
  EXPECT_THAT(Walked().files, ElementsAre("a.c"));
}

TEST_F(WalkerTest, NothingBelowAnExcludedFolderComesBack) {
  Write(".gitignore", "gen/\n!gen/keep.c\n");
  Write("gen/keep.c");
  Write("gen/.gitignore", "!keep.c\n");
  const auto walked = Walked();
  EXPECT_THAT(walked.files, IsEmpty());
  EXPECT_EQ(walked.skipped.at("gen"), "ignored .gitignore:1: gen/");
  EXPECT_EQ(walked.skipped.count("gen/keep.c"), 0U);
}

TEST_F(WalkerTest, BuiltInRulesAndTheWayBack) {
  Write("node_modules/x.js");
  Write("app.min.js");
  Write("yarn.lock");
  Write("lib/node_modules/y.js");
  Write("lib/.coderankignore", "!node_modules/\n!*.min.js\n");
  Write("lib/a.min.js");
  const auto walked = Walked();
  EXPECT_THAT(walked.files, ElementsAre("lib/a.min.js", "lib/node_modules/y.js"));
  EXPECT_THAT(walked.skipped.at("node_modules"), ::testing::StartsWith("ignored built-in rules:"));
}

TEST_F(WalkerTest, SourceFoldersWithGeneratedSoundingNamesStay) {
  for (const char* path : {"build/a.c", "dist/a.c", "env/a.c", "lib/a.c", "out/a.c", "target/a.c",
                           "vendor/a.c", "venv/a.c"}) {
    Write(path);
  }
  EXPECT_EQ(Walked().files.size(), 8U);
}

TEST_F(WalkerTest, GeneratedFoldersAreKnownByTheirMarkers) {
  Write("env/pyvenv.cfg");
  Write("env/lib/a.py");
  Write("target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# x\n");
  Write("target/a.c");
  Write("fake/CACHEDIR.TAG", "something else");
  Write("fake/a.c");
  Write("out/CMakeCache.txt");
  Write("out/gen.c");
  Write("insource/CMakeCache.txt");
  Write("insource/CMakeLists.txt");
  Write("insource/a.c");
  Write("kept/pyvenv.cfg");
  Write(".gitignore", "!kept/\n");
  const auto walked = Walked();
  EXPECT_THAT(walked.files,
              ElementsAre("fake/CACHEDIR.TAG", "fake/a.c", "insource/CMakeCache.txt",
                          "insource/CMakeLists.txt", "insource/a.c", "kept/pyvenv.cfg"));
  EXPECT_EQ(walked.skipped.at("env"),
            "ignored built-in: a folder with pyvenv.cfg (Python virtual environment)");
  WalkOptions all;
  all.use_ignore_files = false;
  EXPECT_EQ(Walked(all).files.size(), 12U);
}

TEST_F(WalkerTest, HiddenEntriesNeedAnOptionOrARule) {
  Write(".github/workflows/ci.yml");
  Write(".hidden.c");
  EXPECT_THAT(Walked().files, IsEmpty());
  EXPECT_EQ(Walked().skipped.at(".github"), "hidden ");
  WalkOptions hidden;
  hidden.include_hidden = true;
  EXPECT_THAT(Walked(hidden).files, ElementsAre(".github/workflows/ci.yml", ".hidden.c"));
  Write(".coderankignore", "!.github/\n");
  EXPECT_THAT(Walked().files, ElementsAre(".github/workflows/ci.yml"));
}

TEST_F(WalkerTest, SecretsNeedTheirOption) {
  const char* const secrets[] = {".env",
                                 ".env.local",
                                 ".envrc",
                                 "a/server.pem",
                                 "a/SERVER.KEY",
                                 "id_rsa",
                                 "id_rsa.pub",
                                 "id_ed25519_work",
                                 ".netrc",
                                 ".npmrc",
                                 ".pypirc",
                                 ".git-credentials",
                                 "credentials.json",
                                 "service-account-x.json",
                                 "b.p12",
                                 "b.pfx",
                                 "b.keystore",
                                 "b.jks",
                                 ".htpasswd",
                                 ".aws/credentials",
                                 "terraform.tfstate"};
  const char* const others[] = {".env.example", ".env.sample",      ".env.template", "env.py",
                                "id_card.c",    "id_rsa_parser.py", "monkey.c",      "x.key/a.c"};
  for (const char* path : secrets) Write(path);
  for (const char* path : others) Write(path);
  Write(".ssh/config");
  Write(".gitignore", "!.env\n!*.pem\n");  // a checkout cannot ask for them
  WalkOptions options;
  options.use_ignore_files = false;
  options.include_hidden = true;
  for (const bool use_ignore_files : {false, true}) {
    options.use_ignore_files = use_ignore_files;
    const auto walked = Walked(options);
    for (const char* path : secrets) {
      ASSERT_EQ(walked.skipped.count(path), 1U) << path;
      EXPECT_THAT(walked.skipped.at(path), ::testing::StartsWith("secret built-in secrets:"));
    }
    for (const char* path : others) {
      EXPECT_THAT(walked.files, ::testing::Contains(std::string(path)));
    }
    EXPECT_EQ(walked.skipped.count(".ssh"), 1U);
  }
  options.include_secrets = true;
  EXPECT_EQ(Walked(options).files.size(), std::size(secrets) + std::size(others) + 2);
}

TEST_F(WalkerTest, VersionControlAndTheIndexAreAlwaysLeftOut) {
  for (const char* path :
       {".git/config", ".hg/x", "sub/.svn/x", ".coderank/index.db", "sub/.git"}) {
    Write(path);
  }
  Write(".gitignore", "!.git\n!.coderank\n!*\n");
  WalkOptions options;
  for (const bool use_ignore_files : {true, false}) {
    options.use_ignore_files = use_ignore_files;
    options.include_hidden = true;
    EXPECT_THAT(Walked(options).files, ElementsAre(".gitignore"));
  }
}

TEST_F(WalkerTest, FilesOfTheUser) {
  WriteHome(".gitconfig", "[user]\n\tname = x\n[core]\n  excludesFile = ~/my-excludes ; why\n");
  WriteHome("my-excludes", "*.global\n*.kept\n/anchored.c\n");
  WriteHome(".config/git/ignore", "*.unused\n");
  WriteHome(".config/coderank/ignore", "*.user\n!*.kept\n");
  for (const char* path : {"a.global", "a.kept", "a.unused", "a.user", "a.c", "anchored.c"}) {
    Write(path);
  }
  const auto walked = Walked();
  EXPECT_THAT(walked.files, ElementsAre("a.c", "a.kept", "a.unused"));
  EXPECT_EQ(walked.skipped.at("a.user"),
            "ignored " + home().native() + "/.config/coderank/ignore:1: *.user");
}

TEST_F(WalkerTest, TheDefaultGlobalExcludesFile) {
  WriteHome(".config/git/ignore", "*.unused\n");
  Write("a.unused");
  EXPECT_THAT(Walked().files, IsEmpty());
}

TEST_F(WalkerTest, RulesAboveARootInsideOfARepository) {
  Write(".gitignore", "never\n");  // above the repository
  Write("repo/.git/info/exclude", "*.info\n/sub/deep/anchored.c\n");
  Write("repo/.gitignore", "*.log\n/deep\n/sub/gone.c\n");
  Write("repo/sub/.gitignore", "/deep/local.c\n!keep.log\n");
  for (const char* path :
       {"never", "a.info", "anchored.c", "a.log", "keep.log", "local.c", "deep/a.c", "gone.c"}) {
    Write(std::string("repo/sub/deep/") + path);
  }
  const auto walked = Walked({}, "repo/sub/deep");
  EXPECT_THAT(walked.files, ElementsAre("deep/a.c", "gone.c", "keep.log", "never"));
  EXPECT_EQ(Walked({}, "repo/sub").skipped.count("gone.c"), 0U);
  Write("repo/sub/gone.c");
  EXPECT_EQ(Walked({}, "repo/sub").skipped.count("gone.c"), 1U);
}

TEST_F(WalkerTest, LinkedWorkTreesUseTheCommonInfoFolder) {
  Write("main/.git/info/exclude", "*.info\n");
  Write("main/.git/worktrees/w/commondir", "../..\n");
  Write("w/.git", "gitdir: ../main/.git/worktrees/w\n");
  Write("w/a.info");
  Write("w/a.c");
  EXPECT_THAT(Walked({}, "w").files, ElementsAre("a.c"));
}

TEST_F(WalkerTest, ExtraPatternsStandBelowTheRootsOwnFiles) {
  Write(".gitignore", "!b.c\n");
  Write("a.c");
  Write("b.c");
  Write("sub/a.c");
  Write("node_modules/x.js");
  WalkOptions options;
  options.extra_patterns = {"/a.c", "b.c", "!node_modules/"};
  const auto walked = Walked(options);
  EXPECT_THAT(walked.files, ElementsAre("b.c", "node_modules/x.js", "sub/a.c"));
  EXPECT_EQ(walked.skipped.at("a.c"), "ignored project file:1: /a.c");
  options.use_ignore_files = false;
  EXPECT_EQ(Walked(options).skipped.at("b.c"), "ignored project file:2: b.c");
}

TEST_F(WalkerTest, LargeFilesAreNamedWithTheLimit) {
  Write("big.c", std::string(11, 'x'));
  Write("fits.c", std::string(10, 'x'));
  WalkOptions options;
  options.max_file_bytes = 10;
  const auto walked = Walked(options);
  EXPECT_THAT(walked.files, ElementsAre("fits.c"));
  EXPECT_EQ(walked.skipped.at("big.c"), "too_large 11 bytes; the limit is 10");
}

TEST_F(WalkerTest, TheVisitorAndTheTokenEndTheWalk) {
  Write("a.c");
  Write("b.c");
  CollectingVisitor visitor;
  visitor.fail_at = "a.c";
  EXPECT_EQ(Walk(root(), {}, visitor).code(), StatusCode::kUnavailable);
  EXPECT_THAT(visitor.walked.files, IsEmpty());
  CancellationToken cancel;
  cancel.Cancel();
  EXPECT_EQ(Walk(root(), {}, visitor, &cancel).code(), StatusCode::kCancelled);
  EXPECT_EQ(Walk(root() / "absent", {}, visitor).code(), StatusCode::kNotFound);
  EXPECT_EQ(Walk(root() / "a.c", {}, visitor).code(), StatusCode::kNotFound);
}

TEST_F(WalkerTest, OversizedAndUnreadableRuleFilesAreReported) {
  Write(".gitignore", std::string((256 << 10) + 1, '#'));
  Write("sub/.gitignore/x");
  Write("sub/a.c");
  const auto walked = Walked();
  EXPECT_THAT(walked.problems, ElementsAre(::testing::HasSubstr("larger than the limit"),
                                           ::testing::HasSubstr("directory")));
  EXPECT_THAT(walked.files, ElementsAre("sub/a.c"));
}

}  // namespace
}  // namespace coderank
