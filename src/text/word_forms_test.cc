#include "text/word_forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(WordForms, PutFormsIntoOneFamily) {
  EXPECT_EQ(WordFamily("parse"), "pars");
  EXPECT_EQ(WordFamily("parses"), "pars");
  EXPECT_EQ(WordFamily("parsed"), "pars");
  EXPECT_EQ(WordFamily("parsing"), "pars");
  EXPECT_EQ(WordFamily("queries"), WordFamily("query"));
  EXPECT_EQ(WordFamily("applied"), WordFamily("apply"));
  EXPECT_EQ(WordFamily("running"), WordFamily("run"));
  EXPECT_EQ(WordFamily("stopped"), WordFamily("stops"));
  EXPECT_EQ(WordFamily("calling"), WordFamily("call"));
  EXPECT_EQ(WordFamily("matches"), WordFamily("matching"));
}

TEST(WordForms, LeaveOtherWordsAlone) {
  for (const char* word : {"class", "status", "analysis", "as", "is", "red", "bed", "sing", "utf8",
                           "größe", "=parses", ""}) {
    EXPECT_EQ(WordFamily(word), word);
  }
}

TEST(WordForms, AreTheWordsOfTheFamily) {
  EXPECT_THAT(WordForms("pars"), ElementsAre("parse", "parses", "parsed", "parsing"));
  EXPECT_THAT(WordForms("utf8"), ElementsAre("utf8"));
  EXPECT_THAT(WordForms(""), ElementsAre(""));
  for (const char* word : {"parse", "parsing", "queries", "query", "running", "run", "stopped",
                           "calls", "matches", "applied", "used", "using"}) {
    const std::string family = WordFamily(word);
    EXPECT_THAT(WordForms(family), Contains(word)) << family;
    for (const std::string& form : WordForms(family)) EXPECT_EQ(WordFamily(form), family) << form;
  }
}

}  // namespace
}  // namespace coderank
