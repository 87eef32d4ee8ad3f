// `serve` over TLS, with a certificate made on the spot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "support/serve_testing.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::HttpText;
using testing::LineProcess;
using testing::ServeTest;
using ::testing::StartsWith;

// Writes a key and a certificate that it signs itself, valid for an hour.
void WriteCertificate(const fs::path& certificate, const fs::path& key_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -60);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_sign(x509, key, EVP_sha256());
  std::FILE* out = std::fopen(certificate.c_str(), "w");
  PEM_write_X509(out, x509);
  std::fclose(out);
  out = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(x509);
  EVP_PKEY_free(key);
}

// What the server answers to one request over TLS; "" when there is no handshake.
std::string AskOverTls(int port, const std::string& text, int newest_version = TLS1_3_VERSION) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, newest_version);
  SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  std::string answer;
  if (SSL_connect(ssl) == 1) {
    SSL_write(ssl, text.data(), static_cast<int>(text.size()));
    std::array<char, 4096> block{};
    int got = 0;
    while ((got = SSL_read(ssl, block.data(), static_cast<int>(block.size()))) > 0) {
      answer.append(block.data(), static_cast<size_t>(got));
    }
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
  ::close(fd);
  return answer;
}

class ServeTlsTest : public ServeTest {
 protected:
  // Returns the port.
  int ServeTls() {
    const fs::path certificate = coderank_.world() / "cert.pem";
    const fs::path key = coderank_.world() / "key.pem";
    WriteCertificate(certificate, key);
    server_ = std::make_unique<LineProcess>(
        std::vector<std::string>{CODERANK_PROGRAM, "serve", "--listen", "127.0.0.1:0", "--tls-cert",
                                 certificate.native(), "--tls-key", key.native()},
        testing::ProcessOptions{.input = {},
                                .environment = coderank_.environment(),
                                .working_directory = coderank_.tree()});
    address_ = server_->Next().value_or("");
    EXPECT_THAT(address_, StartsWith("https://127.0.0.1:"));
    token_ = address_.substr(address_.find("?token=") + 7);
    return std::atoi(address_.c_str() + address_.rfind(':') + 1);
  }
};

TEST_F(ServeTlsTest, AnswersOverTlsAlone) {
  const int port = ServeTls();
  const std::string closing = "Connection: close\r\n";
  ASSERT_TRUE(Eventually([&] {
    return AskOverTls(port, HttpText("GET", "/health", closing)).starts_with("HTTP/1.1 200");
  }));
  EXPECT_THAT(AskOverTls(port, HttpText("GET", "/search?q=bytes", closing + Authorization())),
              HasSubstr("reader.cc"));
  EXPECT_THAT(AskOverTls(port, HttpText("GET", "/search?q=bytes", closing)),
              StartsWith("HTTP/1.1 401"));
  EXPECT_EQ(AskOverTls(port, HttpText("GET", "/health", closing), TLS1_1_VERSION), "")
      << "older than TLS 1.2";
  testing::HttpConnection plain(port);
  plain.Send(HttpText("GET", "/health"));
  EXPECT_EQ(plain.Read().status, 0) << "nothing in the clear";
  EXPECT_THAT(AskOverTls(port, HttpText("GET", "/health", closing)), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(StopServer(), 0);
}

}  // namespace
}  // namespace coderank
