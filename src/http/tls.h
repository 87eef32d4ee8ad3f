// The server's side of TLS.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>

#include "coderank/result.h"

namespace coderank::http {

// PEM files: the certificate with its chain, and its private key. TLS 1.2 or later.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(
    const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace coderank::http
