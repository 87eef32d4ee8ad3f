#include "text/identifiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "text/utf8.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Tokens with a sign before the kinds that are not plain words: "+" compound, "-" part, "~"
// variant.
std::vector<std::string> Tokens(std::string_view text) {
  std::vector<std::string> tokens;
  Tokenize(text, [&tokens](TokenKind kind, std::string_view token) {
    const std::string_view sign = kind == TokenKind::kWord       ? ""
                                  : kind == TokenKind::kCompound ? "+"
                                  : kind == TokenKind::kPart     ? "-"
                                                                 : "~";
    tokens.push_back(std::string(sign) + std::string(token));
  });
  return tokens;
}

TEST(Identifiers, CutsByConvention) {
  EXPECT_THAT(Tokens("parse_args"), ElementsAre("+parseargs", "-parse", "-args"));
  EXPECT_THAT(Tokens("parseArgs"), ElementsAre("+parseargs", "-parse", "-args"));
  EXPECT_THAT(Tokens("ParseArgs"), ElementsAre("+parseargs", "-parse", "-args"));
  EXPECT_THAT(Tokens("PARSE_ARGS"), ElementsAre("+parseargs", "-parse", "-args"));
  EXPECT_THAT(Tokens("__init__"), ElementsAre("init"));
  EXPECT_THAT(Tokens("a"), ElementsAre("a"));
}

TEST(Identifiers, CutsRunsOfCapitals) {
  EXPECT_THAT(SplitIdentifier("HTTPServer"), ElementsAre("http", "server"));
  EXPECT_THAT(SplitIdentifier("parseURLs"), ElementsAre("parse", "urls"));
  EXPECT_THAT(SplitIdentifier("IPv4Address"), ElementsAre("ipv4", "address"));
  EXPECT_THAT(SplitIdentifier("getHTTPSURL"), ElementsAre("get", "httpsurl"));
  EXPECT_THAT(SplitIdentifier("URL"), ElementsAre("url"));
  EXPECT_THAT(Tokens("OAuthToken"), ElementsAre("+oauthtoken", "-o", "~oauth", "-auth", "-token"));
}

TEST(Identifiers, KeepsDigitsWithTheirLetters) {
  EXPECT_THAT(Tokens("utf8"), ElementsAre("utf8", "~utf"));
  EXPECT_THAT(Tokens("v2"), ElementsAre("v2"));
  EXPECT_THAT(Tokens("sha256_sum"), ElementsAre("+sha256sum", "-sha256", "~sha", "-sum"));
  EXPECT_THAT(SplitIdentifier("base64encode"), ElementsAre("base64", "encode"));
  EXPECT_THAT(SplitIdentifier("UTF8String"), ElementsAre("utf8", "string"));
  EXPECT_THAT(SplitIdentifier("i18n k8s"), ElementsAre("i18n", "k8s"));
  EXPECT_THAT(Tokens("0x1F 2fa 3D"), ElementsAre("0x1f", "2fa", "3d"));
}

TEST(Identifiers, DropsNumbersOperatorsAndData) {
  EXPECT_THAT(Tokens("42 1_000 == != -> ... __ _"), IsEmpty());
  EXPECT_THAT(Tokens("part_2"), ElementsAre("part"));
  EXPECT_THAT(Tokens(std::string(kMaximumWordBytes, 'x')), ::testing::SizeIs(1));
  EXPECT_THAT(Tokens(std::string(kMaximumWordBytes + 1, 'x') + " y"), ElementsAre("y"));
}

TEST(Identifiers, CutsAtWhatIsNoWord) {
  EXPECT_THAT(Tokens("std::vector<int>&& x=y->z"),
              ElementsAre("std", "vector", "int", "x", "y", "z"));
  EXPECT_THAT(SplitIdentifier("http::ServerPool"), ElementsAre("http", "server", "pool"));
  EXPECT_EQ(JoinIdentifier("Server_pool"), "serverpool");
  EXPECT_EQ(JoinIdentifier(""), "");
}

TEST(Identifiers, KnowsLettersOfAllScripts) {
  EXPECT_THAT(SplitIdentifier("größeÄndern"), ElementsAre("größe", "ändern"));
  EXPECT_THAT(SplitIdentifier("ДлинаСтроки"), ElementsAre("длина", "строки"));
  EXPECT_THAT(Tokens("ÉCOLE"), ElementsAre("école"));
  EXPECT_THAT(Tokens("配置文件 x"), ElementsAre("配置", "置文", "文件", "x"));
  EXPECT_THAT(Tokens("a表b"), ElementsAre("a", "表", "b"));
}

TEST(Identifiers, SurvivesAnyBytes) {
  EXPECT_THAT(Tokens("ab\xFF"
                     "cd\xC3"),
              ElementsAre("ab", "cd"));
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 40, ' ');
    for (char& byte : text) byte = static_cast<char>(random() % 256);
    Tokenize(text, [](TokenKind, std::string_view token) {
      EXPECT_FALSE(token.empty());
      EXPECT_TRUE(IsValidUtf8(token));
      EXPECT_LE(token.size(), kMaximumWordBytes + 8);  // one more character of twice its size
    });
  }
}

// A compound is what its parts make, and what JoinIdentifier() makes: exact lookups rest on it.
TEST(Identifiers, CompoundsAreTheirPartsJoined) {
  std::mt19937 random(11);
  constexpr std::string_view kLetters = "abAB12_";
  for (int round = 0; round < 2000; ++round) {
    std::string name(1 + random() % 12, ' ');
    for (char& byte : name) byte = kLetters[random() % kLetters.size()];
    std::string compound;
    std::string joined;
    Tokenize(name, [&](TokenKind kind, std::string_view token) {
      if (kind == TokenKind::kCompound) compound = token;
      if (kind == TokenKind::kPart) joined += token;
    });
    EXPECT_EQ(compound, joined) << name;
    if (!compound.empty()) {
      EXPECT_EQ(JoinIdentifier(name), compound) << name;
    }
  }
}

}  // namespace
}  // namespace coderank
