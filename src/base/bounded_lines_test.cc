#include "base/bounded_lines.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/file.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

UniqueFd Opened(const testing::TempDir& folder, const std::string& content) {
  folder.Write("lines", content);
  return UniqueFd(::open((folder.path() / "lines").c_str(), O_RDONLY | O_CLOEXEC));
}

TEST(BoundedLinesTest, GivesLinesOfAnyLength) {
  const testing::TempDir folder;
  const std::string longer(300'000, 'x');  // than a block
  const UniqueFd file = Opened(folder, "a\n\r\n" + longer + "\nlast");
  BoundedLines lines(file.get(), longer.size());
  for (const std::string& expected : {std::string("a"), std::string("\r"), longer}) {
    const auto line = lines.Next();
    ASSERT_TRUE(line && *line);
    EXPECT_TRUE(**line == expected) << (*line)->size();
  }
  EXPECT_EQ(lines.Next()->value(), "last") << "needs no end";
  EXPECT_FALSE(*lines.Next());
  EXPECT_FALSE(*lines.Next());
}

TEST(BoundedLinesTest, RefusesALineThatIsTooLong) {
  const testing::TempDir folder;
  const UniqueFd file = Opened(folder, "1234\n12345\n");
  BoundedLines lines(file.get(), 4);
  EXPECT_EQ(lines.Next()->value(), "1234");
  EXPECT_EQ(lines.Next().error().code(), StatusCode::kResourceExhausted);
  const UniqueFd endless(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(BoundedLines(endless.get(), 1 << 20).Next().error().code(),
            StatusCode::kResourceExhausted);
}

TEST(BoundedLinesTest, WhatCannotBeReadIsAnError) {
  const testing::TempDir folder;
  const UniqueFd directory(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(BoundedLines(directory.get(), 10).Next().error().code(), StatusCode::kUnavailable);
}

TEST(BoundedLinesTest, KnowsWhetherALineIsThere) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  ASSERT_EQ(::write(writing.get(), "a\nb\nc", 5), 5);
  BoundedLines lines(reading.get(), 10);
  EXPECT_FALSE(lines.HasLine()) << "nothing is read yet";
  EXPECT_EQ(lines.Next()->value(), "a");
  EXPECT_TRUE(lines.HasLine());
  EXPECT_EQ(lines.Next()->value(), "b");
  EXPECT_FALSE(lines.HasLine()) << "its end may still come";
}

}  // namespace
}  // namespace coderank
