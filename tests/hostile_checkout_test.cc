// A checkout is untrusted: what it ships changes ignore rules and chunking at most, and the user
// is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store/index_store.h"
#include "support/coderank_runner.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessResult;

class HostileCheckoutTest : public ::testing::Test {
 protected:
  HostileCheckoutTest() {
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
    coderank_.Write("a.cc", "int real_source;\n");
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(HostileCheckoutTest, ProjectFileWithForbiddenKeysIsRefused) {
  for (const char* text : {"models_folder = \"/tmp/evil\"\n", "model = \"evil\"\n",
                           "index_folder = \"/tmp\"\n", "[store]\nurl = \"http://127.0.0.1:1\"\n",
                           "[server]\nlisten = \"0.0.0.0\"\n", "api_key = \"x\"\n"}) {
    coderank_.Write(".coderank.toml", text);
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"index"}, {"search", "source"}}) {
      const ProcessResult result = coderank_.Run(arguments);
      EXPECT_EQ(result.exit_code, 2) << text;
      EXPECT_THAT(result.err, HasSubstr(".coderank.toml:"));
    }
  }
}

TEST_F(HostileCheckoutTest, ProjectFileMayIgnoreFilesAndSaysSo) {
  coderank_.Write(".coderank.toml", "[ignore]\npatterns = [\"generated/\"]\n");
  coderank_.Write("generated/b.cc", "int generated;\n");
  const ProcessResult result = coderank_.Run({"index"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr(".coderank.toml sets ignore rules (1)"));
  EXPECT_EQ(coderank_.RunJson({"status", "--json"})["coverage"]["files"], 1);
  EXPECT_THAT(coderank_.Run({"status", "--why", "generated/b.cc"}).out, HasSubstr("generated/"));
}

TEST_F(HostileCheckoutTest, ReadyMadeIndexIsNotUsed) {
  // A real index, made by "another user", whose results would be poison here.
  CoderankRunner other(CODERANK_PROGRAM);
  ASSERT_EQ(other.AddTinyModel().exit_code, 0);
  other.Write("poison.cc", "int real_source_poison;\n");
  ASSERT_EQ(other.Run({"index"}).exit_code, 0);
  std::filesystem::copy(other.tree() / ".coderank", coderank_.tree() / ".coderank",
                        std::filesystem::copy_options::recursive);

  const ProcessResult result = coderank_.Run({"search", "--json", "source"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("this user's coderank did not make it"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("a.cc"), Not(HasSubstr("poison"))));
  EXPECT_EQ(coderank_.Run({"clear"}).exit_code, 0) << "the user's own index can be cleared";
  EXPECT_TRUE(std::filesystem::exists(coderank_.tree() / ".coderank/index.db"))
      << "what coderank did not make stays";
  EXPECT_EQ(coderank_.Run({"clear"}).exit_code, 2);
  EXPECT_THAT(coderank_.Run({"search", "--json", "--trust-index", "source"}).out,
              HasSubstr("poison.cc"));
}

TEST_F(HostileCheckoutTest, TrustedIndexIsRefreshedAndStaysSomebodyElses) {
  CoderankRunner other(CODERANK_PROGRAM);
  ASSERT_EQ(other.AddTinyModel().exit_code, 0);
  other.Write("theirs.cc", "int theirs;\n");
  ASSERT_EQ(other.Run({"index"}).exit_code, 0);
  std::filesystem::copy(other.tree() / ".coderank", coderank_.tree() / ".coderank",
                        std::filesystem::copy_options::recursive);
  const ProcessResult refreshed = coderank_.Run({"index", "--trust-index"});
  EXPECT_EQ(refreshed.exit_code, 0) << refreshed.err;
  EXPECT_THAT(coderank_.Run({"search", "--json", "--trust-index", "source"}).out,
              AllOf(HasSubstr("a.cc"), Not(HasSubstr("theirs.cc"))));
  EXPECT_THAT(coderank_.Run({"search", "source"}).err, HasSubstr("did not make it"));
}

// What a trusted database holds is printed, so it is escaped like everything else.
TEST_F(HostileCheckoutTest, TextOfATrustedDatabaseIsEscaped) {
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  {
    auto store = *IndexStore::OpenForWriting(coderank_.tree() / ".coderank", IndexLock(), "");
    ASSERT_TRUE(store.SetMeta(kMetaIndexedAt, "\x1b[31mnow").ok());
    const std::vector<SkippedRecord> skipped = {{"b.cc", "\x1b[32mreason", "\x1b[33mdetail"}};
    ASSERT_TRUE(store.ReplaceSkipped(skipped).ok());
  }
  coderank_.Write("b.cc", "int b;\n");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"status"}, {"status", "--why", "b.cc"}}) {
    const ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, AllOf(HasSubstr("reason"), Not(HasSubstr("\x1b"))));
  }
}

TEST_F(HostileCheckoutTest, DatabaseSwappedUnderOurIdIsRefused) {
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  CoderankRunner other(CODERANK_PROGRAM);
  ASSERT_EQ(other.AddTinyModel().exit_code, 0);
  other.Write("poison.cc", "int poison;\n");
  ASSERT_EQ(other.Run({"index"}).exit_code, 0);
  // As a checkout over an ignored folder does.
  std::filesystem::copy_file(other.tree() / ".coderank/index.db",
                             coderank_.tree() / ".coderank/index.db",
                             std::filesystem::copy_options::overwrite_existing);
  const ProcessResult result = coderank_.Run({"search", "source"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("coderank clear"));
  EXPECT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "source"}).exit_code, 0);
}

TEST_F(HostileCheckoutTest, IndexFolderThatIsALinkIsLeftAlone) {
  const auto target = coderank_.world() / "precious";
  std::filesystem::create_directories(target);
  std::filesystem::create_symlink(target, coderank_.tree() / ".coderank");
  EXPECT_EQ(coderank_.Run({"search", "source"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_empty(target));
}

TEST_F(HostileCheckoutTest, LinksOutOfTheTreeAreNotRead) {
  std::filesystem::create_symlink("/etc/passwd", coderank_.tree() / "passwd.txt");
  std::filesystem::create_symlink("/etc", coderank_.tree() / "etc");
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"status", "--json"})["coverage"]["files"], 1);
  EXPECT_THAT(coderank_.Run({"status", "--why", "passwd.txt"}).out, HasSubstr("symbolic"));
}

TEST_F(HostileCheckoutTest, SecretsAreLeftOutUnlessAsked) {
  coderank_.Write(".env", "TOKEN=abc\n");
  coderank_.Write("server.pem", "-----BEGIN PRIVATE KEY-----\n");
  coderank_.Write("id_rsa", "x\n");
  ASSERT_EQ(coderank_.Run({"index", "--hidden", "--no-ignore"}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"status", "--json"})["coverage"]["files"], 1);
  ASSERT_EQ(coderank_.Run({"index", "--hidden", "--include-secrets"}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"status", "--json"})["coverage"]["files"], 4);
}

TEST_F(HostileCheckoutTest, EscapeSequencesDoNotReachTheTerminal) {
  coderank_.Write("ev\x1b[31mil\n\xe2\x80\xaename.cc",
                  "// \x1b]0;owned\x07 \xc2\x9b"
                  "31m \xe2\x80\xaetxet\nint source;\n");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"search", "source"},
                                             {"search", "source", "-l"},
                                             {"search", "source", "--json"},
                                             {"status"},
                                             {"status", "--json"},
                                             {"status", "--why", "no\x1b[1msuch"},
                                             {"search", "\x1b[2Jquery", "--json"},
                                             {"search", "x", "no\x1b[1mdir"}}) {
    const ProcessResult result = coderank_.Run(arguments);
    for (const char* raw : {"\x1b", "\x07", "\xc2\x9b", "\xe2\x80\xae"}) {
      EXPECT_THAT(result.out, Not(HasSubstr(raw))) << ::testing::PrintToString(arguments);
      EXPECT_THAT(result.err, Not(HasSubstr(raw))) << ::testing::PrintToString(arguments);
    }
  }
  EXPECT_THAT(coderank_.Run({"search", "source", "-l"}).out,
              HasSubstr("ev\\x1b[31mil\\x0a\\u202ename.cc:1"));
}

}  // namespace
}  // namespace coderank
