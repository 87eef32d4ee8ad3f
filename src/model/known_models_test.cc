#include "model/known_models.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace coderank {
namespace {

std::string_view PromptFor(std::initializer_list<std::string_view> names) {
  const KnownPrompt* model = FindKnownPrompt({names.begin(), names.size()});
  return model == nullptr ? "none" : model->query_prompt;
}

TEST(KnownModelsTest, NamesMatchWhateverTheirCaseAndSeparators) {
  constexpr std::string_view kCode = "Represent this query for searching relevant code: ";
  for (const std::string_view name :
       {"CodeRankEmbed", "coderankembed.Q8_0", "nomic-ai/CodeRankEmbed", "Code Rank Embed",
        "SweRankEmbed-Small", "swerankembed_small-q4_k_m"}) {
    EXPECT_EQ(PromptFor({name}), kCode) << name;
  }
  for (const std::string_view name :
       {"snowflake-arctic-embed-m-long", "Snowflake Arctic Embed M Long"}) {
    EXPECT_EQ(PromptFor({name}), "Represent this sentence for searching relevant passages: ");
  }
}

TEST(KnownModelsTest, OtherNamesDoNot) {
  for (const std::string_view name :
       {"", "all-MiniLM-L6-v2", "coderank", "SweRankEmbed-Large", "snowflake-arctic-embed-m"}) {
    EXPECT_EQ(PromptFor({name}), "none") << name;
  }
}

TEST(KnownModelsTest, FirstNameThatIsKnownCounts) {
  EXPECT_EQ(PromptFor({"mine", "", "CodeRankEmbed", "arctic-embed-m-long"}),
            PromptFor({"CodeRankEmbed"}));
}

}  // namespace
}  // namespace coderank
