#include "http/tls.h"

#include "base/strings.h"

namespace coderank::http {

Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(
    const std::filesystem::path& certificate, const std::filesystem::path& key) {
  using boost::asio::ssl::context;
  auto tls = std::make_shared<context>(context::tls_server);
  boost::system::error_code error;
  tls->set_options(context::default_workarounds | context::no_sslv2 | context::no_sslv3 |
                       context::no_tlsv1 | context::no_tlsv1_1 | context::single_dh_use,
                   error);
  if (error) return Unavailable(StrCat("TLS: cannot be set up: ", error.message()));
  tls->use_certificate_chain_file(certificate.native(), error);
  if (error) {
    return InvalidArgument(
        StrCat(certificate, ": expected a certificate chain in PEM form: ", error.message()));
  }
  tls->use_private_key_file(key.native(), context::pem, error);
  if (error) {
    return InvalidArgument(StrCat(key, ": expected the private key of ", certificate,
                                  " in PEM form: ", error.message()));
  }
  return tls;
}

}  // namespace coderank::http
