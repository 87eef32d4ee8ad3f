#include "engine/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    for (const char* name : {"CODERANK_MODEL", "CODERANK_MODELS", "CODERANK_INDEX",
                             "CODERANK_THREADS", "QDRANT_URL"}) {
      ::unsetenv(name);
    }
  }
  ~ConfigTest() override { ::unsetenv("CODERANK_THREADS"); }

  Result<Config> Load(const EngineOptions& options = {}) const {
    const UserFolders folders{
        .config = dir_.path() / "config", .data = dir_.path() / "data", .state = dir_.path()};
    return LoadConfig(options, folders, dir_.path() / "tree");
  }
  std::string ErrorOf() const {
    const auto config = Load();
    EXPECT_FALSE(config);
    return config ? "" : config.error().message();
  }
  void User(std::string_view text) const { dir_.Write("config/config.toml", text); }
  void Project(std::string_view text) const { dir_.Write("tree/.coderank.toml", text); }

  testing::TempDir dir_;
};

TEST_F(ConfigTest, PrecedenceIsFlagEnvironmentProjectUserDefault) {
  EXPECT_EQ(Load()->threads.value, 0U);
  EXPECT_EQ(Load()->target_characters.origin, "default");
  User("threads = 3\n[chunking]\ntarget_characters = 300\n");
  EXPECT_EQ(Load()->threads.value, 3U);
  EXPECT_EQ(Load()->target_characters.value, 300U);
  Project("[chunking]\ntarget_characters = 400\n");
  EXPECT_EQ(Load()->target_characters.value, 400U);
  EXPECT_THAT(Load()->target_characters.origin, HasSubstr("tree/.coderank.toml"));
  ::setenv("CODERANK_THREADS", "4", 1);
  EXPECT_EQ(Load()->threads.value, 4U);
  EXPECT_EQ(Load()->threads.origin, "environment CODERANK_THREADS");
  EXPECT_EQ(Load({.threads = 5})->threads.value, 5U);
  EXPECT_EQ(Load({.threads = 5})->threads.origin, "flag");
}

TEST_F(ConfigTest, CollectionsHaveAModelAndAKey) {
  User(
      "[qdrant]\nurl = \"http://localhost:6333\"\n[collections.docs]\nmodel = \"m\"\n"
      "[collections.\"a b\"]\ntext = \"metadata.text\"\n");
  const auto config = Load();
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->qdrant_url.value, "http://localhost:6333");
  EXPECT_EQ(config->collections.at("docs").model, "m");
  EXPECT_EQ(config->collections.at("a b").text_key, "metadata.text");
  for (const char* wrong : {"[collections.docs]\nsize = 3\n", "[collections.docs]\nmodel = 3\n",
                            "[collections]\ndocs = \"m\"\n", "[collections.docs]\ntext = \"\"\n"}) {
    User(wrong);
    EXPECT_THAT(ErrorOf(), HasSubstr("collections.docs")) << wrong;
  }
  User("");
  Project("[collections.docs]\nmodel = \"m\"\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("collections")) << "a checkout says nothing about servers";
  Project("[qdrant]\nurl = \"http://elsewhere\"\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("qdrant.url"));
}

TEST_F(ConfigTest, ProjectFileMayOnlySetWhatIsHarmlessAndSaysSo) {
  EXPECT_THAT(Load()->notes, IsEmpty());
  Project("[ignore]\npatterns = [\"*.gen.cc\", \"big/\"]\n");
  const auto config = Load();
  EXPECT_THAT(config->ignore_patterns.value, ElementsAre("*.gen.cc", "big/"));
  EXPECT_THAT(config->notes, ElementsAre(HasSubstr(".coderank.toml sets ignore rules (2)")));
  for (const char* key : {"model = \"x\"", "models_folder = \"/tmp/m\"", "threads = 1",
                          "[index]\nmax_file_bytes = 5", "[index]\nstore = \"qdrant\""}) {
    Project(key);
    EXPECT_THAT(ErrorOf(), HasSubstr("a project file may not set this")) << key;
    EXPECT_EQ(Load().error().code(), StatusCode::kPermissionDenied);
  }
  Project("[store]\nurl = \"http://example.com\"\n");
  EXPECT_THAT(ErrorOf(), HasSubstr(".coderank.toml:2: store.url: unknown key"));
}

TEST_F(ConfigTest, ErrorsNameFileLineKeyAndExpectation) {
  User("threads = \"many\"\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("config.toml:1: threads: expected a whole number from 1"));
  User("threads = 0\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("expected a whole number"));
  User("models_folder = \"relative\"\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("models_folder: expected an absolute path"));
  User("[ignore]\npatterns = [1]\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("expected a list of texts"));
  User("\nthreads = = 1\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("config.toml:2: not TOML"));
  User("[index]\nstore = \"elsewhere\"\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("index.store: expected embedded or qdrant"));
  User("[chunking]\ntarget_characters = 5000\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("expected at most chunking.maximum_characters (2000"));
  User("");
  ::setenv("CODERANK_THREADS", "-1", 1);
  EXPECT_THAT(ErrorOf(), HasSubstr("CODERANK_THREADS: expected a whole number"));
}

TEST_F(ConfigTest, HostileProjectFiles) {
  Project(std::string(100000, '['));
  EXPECT_THAT(ErrorOf(), HasSubstr("not TOML"));
  Project("[[\xc5\xb1 = 1\n");  // undefined behaviour in toml++ 3.3
  EXPECT_THAT(ErrorOf(), HasSubstr(".coderank.toml:1: not TOML"));
  Project("# \xff\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("not UTF-8"));
  Project(
      "# \xc5\xb1\n[ignore]\npatterns = [\"\xc5\xb1\", '\xc5\xb1', "
      "\"\"\"\xc5\xb1\n\\\"\xc5\xb1\"\"\", \"100%25\"]\n");
  const auto config = Load();
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_THAT(config->ignore_patterns.value,
              ElementsAre("\xc5\xb1", "\xc5\xb1", "\xc5\xb1\n\"\xc5\xb1", "100%25"));
  Project(std::string(2 << 20, '#'));
  EXPECT_THAT(ErrorOf(), HasSubstr("larger than the limit"));
  std::filesystem::remove(dir_.path() / "tree/.coderank.toml");
  std::filesystem::create_symlink("/etc/passwd", dir_.path() / "tree/.coderank.toml");
  EXPECT_THAT(ErrorOf(), HasSubstr("may not be a symbolic link"));
}

TEST_F(ConfigTest, DescribeNamesEveryOrigin) {
  Project("[ignore]\npatterns = [\"x\"]\n");
  bool found = false;
  const auto settings = Describe(*Load({.model = "m"}));
  for (const EffectiveSetting& setting : settings) {
    if (setting.key == "model") {
      EXPECT_EQ(setting.value, "m");
      EXPECT_EQ(setting.origin, "flag");
    }
    if (setting.key == "ignore.patterns") {
      found = true;
      EXPECT_THAT(setting.origin, HasSubstr(".coderank.toml"));
    }
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace coderank
