#include "model/calibration_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/sha256.h"
#include "text/utf8.h"

namespace coderank {
namespace {

TEST(CalibrationTextsTest, AreDistinctValidTexts) {
  std::set<std::string_view> seen;
  for (const std::string_view text : CalibrationTexts()) {
    EXPECT_FALSE(text.empty());
    EXPECT_TRUE(IsValidUtf8(text)) << text;
    EXPECT_TRUE(seen.insert(text).second) << "twice: " << text;
  }
  EXPECT_GE(seen.size(), 60u);
}

// Who changes a text has to raise the version, and then writes the new digest here.
TEST(CalibrationTextsTest, ChangeWithTheirVersionOnly) {
  Sha256 hash;
  for (const std::string_view text : CalibrationTexts()) {
    hash.Update(text);
    hash.Update(std::string_view("\0", 1));
  }
  EXPECT_EQ(kCalibrationTextsVersion, 1);
  EXPECT_EQ(ToHex(hash.Finish()),
            "1b65e728a2d833ac3585c6584b030e3e2ea182b62663209bef657d1676f996b8");
}

}  // namespace
}  // namespace coderank
