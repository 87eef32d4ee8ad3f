// What the scripts offer; that shells take them is for tests/shell_test.cc.
#include "ops/completions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coderank::ops {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const CommandPlace& At(const std::vector<CommandPlace>& places, std::string_view name) {
  for (const CommandPlace& place : places) {
    if (place.name == name) return place;
  }
  ADD_FAILURE() << name;
  return places.front();
}

TEST(CommandPlacesTest, WordsStandWhereTheyMayFollow) {
  const std::vector<CommandPlace> places = CommandPlaces();
  EXPECT_EQ(places.front().name, "");
  EXPECT_THAT(places.front().next, Contains("search"));
  EXPECT_THAT(places.front().next, ::testing::Not(Contains("add")));
  const CommandPlace& model = At(places, "model");
  EXPECT_EQ(model.operation, nullptr);
  EXPECT_THAT(model.next,
              ElementsAre("add", "pull", "connect", "list", "info", "verify", "remove"));
  const CommandPlace& eval = At(places, "eval");
  EXPECT_NE(eval.operation, nullptr) << "a command and the beginning of others";
  EXPECT_THAT(eval.next, ElementsAre("compare"));
  size_t operations = 0;
  for (const CommandPlace& place : places) operations += place.operation != nullptr ? 1 : 0;
  EXPECT_EQ(operations, Operations().size());
}

TEST(CompletionsTest, EveryOptionIsOffered) {
  for (const std::string& script : {BashCompletions(), ZshCompletions(), FishCompletions()}) {
    for (const Operation& operation : Operations()) {
      for (const Parameter& parameter : operation.parameters) {
        if (parameter.positional) continue;
        EXPECT_THAT(script, HasSubstr(parameter.name));
      }
    }
    EXPECT_THAT(script, HasSubstr("hybrid semantic lexical"));
  }
}

TEST(CompletionsTest, QuotesInHelpEndNoString) {
  EXPECT_EQ(Replaced("it's", "'", "'\\''"), "it'\\''s");
  EXPECT_EQ(Replaced("aaa", "a", "aa"), "aaaaaa");
  EXPECT_EQ(Replaced("", "a", "b"), "");
}

}  // namespace
}  // namespace coderank::ops
