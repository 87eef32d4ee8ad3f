// What coderank brings along for shells, man and systemd, tried with those where they are
// installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using testing::ProcessResult;
using testing::RunProcess;

bool IsInstalled(const std::string& program) {
  return RunProcess({"sh", "-c", "command -v " + program}).exit_code == 0;
}

class ShellTest : public ::testing::Test {
 protected:
  // What the program prints, as a file.
  std::string Printed(const std::vector<std::string>& arguments) {
    const ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    coderank_.Write("printed", result.out);
    return (coderank_.tree() / "printed").native();
  }
  // What bash offers where the words end, the last of them being typed.
  std::string BashOffers(const std::string& words) {
    const std::string script =
        "source '" + Printed({"completions", "bash"}) + "'; COMP_WORDS=(" + words +
        "); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _coderank; echo \"${COMPREPLY[@]}\"";
    std::string out = RunProcess({"bash", "-c", script}).out;
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(ShellTest, BashTakesAndUsesTheScript) {
  if (!IsInstalled("bash")) GTEST_SKIP() << "bash is not installed";
  const ProcessResult parsed = RunProcess({"bash", "-n", Printed({"completions", "bash"})});
  EXPECT_EQ(parsed.exit_code, 0) << parsed.err;
  EXPECT_EQ(BashOffers("coderank sea"), "search");
  EXPECT_EQ(BashOffers("coderank model p"), "pull");
  EXPECT_EQ(BashOffers("coderank model nonsense"), "");
  EXPECT_EQ(BashOffers("coderank search --rerank-"),
            "--rerank-model --rerank-task --rerank-depth --rerank-weight");
  EXPECT_EQ(BashOffers("coderank search --mode s"), "semantic");
  EXPECT_EQ(BashOffers("coderank search word --mode s"), "semantic");
  EXPECT_EQ(BashOffers("coderank search model --jsonl"), "--jsonl") << "a query, and no command";
  EXPECT_EQ(BashOffers("coderank completions z"), "zsh");
  EXPECT_EQ(BashOffers("coderank eval comp"), "compare");
  EXPECT_EQ(BashOffers("coderank eval --per"), "--per-query");
  EXPECT_EQ(BashOffers("coderank --v"), "--version");
}

TEST_F(ShellTest, ZshTakesTheScript) {
  if (!IsInstalled("zsh")) GTEST_SKIP() << "zsh is not installed";
  const std::string script = Printed({"completions", "zsh"});
  const ProcessResult parsed = RunProcess({"zsh", "-n", script});
  EXPECT_EQ(parsed.exit_code, 0) << parsed.err;
  const ProcessResult loaded =
      RunProcess({"zsh", "-f", "-c",
                  "autoload -U compinit; compinit -u -D; source '" + script +
                      "'; print ${_comps[coderank]}; whence -w _coderank_model_add"});
  EXPECT_EQ(loaded.out, "_coderank\n_coderank_model_add: function\n") << loaded.err;
}

TEST_F(ShellTest, FishTakesAndUsesTheScript) {
  if (!IsInstalled("fish")) GTEST_SKIP() << "fish is not installed";
  const std::string script = Printed({"completions", "fish"});
  const ProcessResult parsed = RunProcess({"fish", "-n", script});
  EXPECT_EQ(parsed.exit_code, 0) << parsed.err;
  const auto offers = [&](const std::string& line) {
    return RunProcess({"fish", "-c", "source '" + script + "'; complete -C '" + line + "'"}).out;
  };
  EXPECT_EQ(offers("coderank sea"), "search\tFind the code that a sentence describes\n");
  EXPECT_THAT(offers("coderank model p"), HasSubstr("pull\t"));
  EXPECT_THAT(offers("coderank search --mode s"), HasSubstr("semantic"));
  EXPECT_THAT(offers("coderank search model --jsonl"), HasSubstr("--jsonl\t"));
}

TEST_F(ShellTest, ManualPageIsWellFormed) {
  if (!IsInstalled("mandoc")) GTEST_SKIP() << "mandoc is not installed";
  std::istringstream findings(RunProcess({"mandoc", "-Tlint", "-Wwarning", Printed({"man"})}).out);
  for (std::string line; std::getline(findings, line);) {
    EXPECT_THAT(line, HasSubstr("missing date")) << "the page has none, so that builds are alike";
  }
  const std::string shown = RunProcess({"mandoc", "-Tascii", Printed({"man"})}).out;
  EXPECT_THAT(shown, HasSubstr("Find the code that a sentence describes."));
}

TEST_F(ShellTest, ShellsThatAreNotKnownAreRefused) {
  const ProcessResult refused = coderank_.Run({"completions", "csh"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("SHELL: expected one of bash, zsh, fish; found \"csh\""));
}

TEST_F(ShellTest, InstallationBringsThemAlong) {
  const fs::path prefix = coderank_.world() / "prefix";
  const ProcessResult installed =
      RunProcess({"cmake", "--install", CODERANK_BUILD_DIR, "--prefix", prefix.native()});
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  for (const char* file :
       {"bin/coderank", "share/man/man1/coderank.1", "share/bash-completion/completions/coderank",
        "share/zsh/site-functions/_coderank", "share/fish/vendor_completions.d/coderank.fish",
        "share/systemd/user/coderank.service"}) {
    EXPECT_TRUE(fs::exists(prefix / file) && fs::file_size(prefix / file) > 0) << file;
  }
  if (!IsInstalled("systemd-analyze")) GTEST_SKIP() << "systemd-analyze is not installed";
  // Names the program by the prefix of the configuration, where it may not be installed.
  std::ifstream file(prefix / "share/systemd/user/coderank.service");
  std::stringstream unit;
  unit << file.rdbuf();
  const std::string text = unit.str();
  const size_t begin = text.find("ExecStart=") + 10;
  const std::string program = text.substr(begin, text.find(' ', begin) - begin);
  coderank_.Write(
      "coderank.service",
      std::string(text).replace(begin, program.size(), (prefix / "bin/coderank").native()));
  const ProcessResult verified =
      RunProcess({"systemd-analyze", "verify", "--user", "--man=no",
                  (coderank_.tree() / "coderank.service").native()},
                 {.input = {},
                  .environment = {{"XDG_RUNTIME_DIR", coderank_.world().native()}},
                  .working_directory = {}});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
}

}  // namespace
}  // namespace coderank
