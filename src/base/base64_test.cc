#include "base/base64.h"

#include <gtest/gtest.h>

namespace coderank {
namespace {

// RFC 4648, section 10.
TEST(Base64Test, IsAsPublished) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(ToBase64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
}

TEST(Base64Test, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (size_t length = 0; length <= bytes.size(); ++length) {
    const std::string part = bytes.substr(0, length);
    EXPECT_EQ(FromBase64(ToBase64(part)), part);
  }
}

TEST(Base64Test, AnythingElseIsRefused) {
  for (const char* text : {"Z", "Zg=", "Zg", "Zg==Zg==", "Z===", "Zm9 ", "Zm9-",
                           "Zh==", "Zm9=", "====", "\xff\xff\xff\xff"}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace coderank
