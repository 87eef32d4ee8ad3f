#include "engine/model_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coderank {
namespace {

using ::testing::HasSubstr;

TEST(ModelRegistryTest, EveryKnownModelParses) {
  for (const KnownModel& model : KnownModels()) {
    const auto by_name = ParseModelSource(model.name);
    ASSERT_TRUE(by_name) << model.name;
    EXPECT_EQ(by_name->repository, model.repository);
    EXPECT_EQ(by_name->name, model.name);
    const auto by_repository = ParseModelSource("hf:" + std::string(model.repository));
    ASSERT_TRUE(by_repository) << by_repository.error().message();
    EXPECT_EQ(by_repository->known, by_name->known) << "known hashes hold for both spellings";
    for (const KnownFile& file : model.files) EXPECT_EQ(file.sha256.size(), 64U);
  }
  EXPECT_NE(FindKnownModel(kDefaultModel), nullptr);
}

TEST(ModelRegistryTest, RepositoryAndRevision) {
  const ModelSource source = *ParseModelSource("hf:some-one/a_model.v2@refs/pr/1");
  EXPECT_EQ(source.repository, "some-one/a_model.v2");
  EXPECT_EQ(source.name, "a_model.v2");
  EXPECT_EQ(source.revision, "refs/pr/1");
  EXPECT_EQ(source.known, nullptr);
  EXPECT_EQ(ParseModelSource("hf:a/b")->revision, "");
}

TEST(ModelRegistryTest, WhatIsNoSource) {
  for (const char* bad :
       {"", "hf:", "hf:a", "hf:a/", "hf:/b", "hf:a/b/c", "hf:../b", "hf:a/..", "hf:a/.b", "hf:a/b@",
        "hf:a/b@../x", "hf:a/b@x y", "hf:a/b?c", "hf:a b/c", "a/b", "coderankembed"}) {
    const auto source = ParseModelSource(bad);
    ASSERT_FALSE(source) << bad;
    EXPECT_EQ(source.error().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_THAT(ParseModelSource("nothing").error().message(), HasSubstr("CodeRankEmbed"));
}

TEST(ModelRegistryTest, CommitsAreWhole) {
  EXPECT_TRUE(IsCommit("0123456789abcdef0123456789abcdef01234567"));
  EXPECT_FALSE(IsCommit("0123456789abcdef0123456789abcdef0123456"));
  EXPECT_FALSE(IsCommit("0123456789ABCDEF0123456789abcdef01234567"));
}

}  // namespace
}  // namespace coderank
