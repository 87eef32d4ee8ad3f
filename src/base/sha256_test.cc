#include "base/sha256.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

// FIPS 180-4 example "abc" and the empty message.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256Test, PublishedVectors) {
  EXPECT_EQ(ToHex(Sha256Of("abc")), kAbc);
  EXPECT_EQ(ToHex(Sha256Of("")), kEmpty);
}

TEST(Sha256Test, PiecesAndFilesGiveTheSameDigest) {
  Sha256 hash;
  hash.Update(std::string_view("a"));
  hash.Update(std::string_view("bc"));
  EXPECT_EQ(ToHex(hash.Finish()), kAbc);

  const testing::TempDir dir;
  dir.Write("abc.txt", "abc");
  dir.Write("empty", "");
  EXPECT_EQ(ToHex(*Sha256OfFile(dir.path() / "abc.txt")), kAbc);
  EXPECT_EQ(ToHex(*Sha256OfFile(dir.path() / "empty")), kEmpty);
  EXPECT_EQ(Sha256OfFile(dir.path() / "none").error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace coderank
