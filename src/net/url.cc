#include "net/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

constexpr size_t kMaxLength = 8192;  // bytes of a URL; signed storage URLs have about 1,500

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, UrlDeleter>;

std::string Part(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

// Sets the handle to `text`, which is relative to what the handle holds, if anything.
Status Set(CURLU* handle, std::string_view text, unsigned flags) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!plain || text.size() > kMaxLength) {
    return InvalidArgument("URL: expected a text without control characters");
  }
  const CURLUcode code = curl_url_set(handle, CURLUPART_URL, std::string(text).c_str(), flags);
  if (code == CURLUE_OK) return OkStatus();
  return InvalidArgument(StrCat("URL \"", text, "\": ", curl_url_strerror(code)));
}

Result<Url> Read(CURLU* handle) {
  curl_url_set(handle, CURLUPART_FRAGMENT, nullptr, 0);
  Url url{.text = Part(handle, CURLUPART_URL, 0),
          .scheme = AsciiLower(Part(handle, CURLUPART_SCHEME, 0)),
          .host = AsciiLower(Part(handle, CURLUPART_HOST, 0)),
          .port = Part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT)};
  if (url.scheme != "http" && url.scheme != "https") {
    return InvalidArgument(StrCat("URL \"", url.text, "\": expected http or https"));
  }
  if (!Part(handle, CURLUPART_USER, 0).empty() || !Part(handle, CURLUPART_PASSWORD, 0).empty()) {
    return InvalidArgument(
        StrCat("URL of host ", url.host, ": expected no user name and password in it"));
  }
  return url;
}

}  // namespace

Result<Url> ParseUrl(std::string_view text) {
  const UrlHandle handle(curl_url());
  CODERANK_TRY(Set(handle.get(), text, 0));
  return Read(handle.get());
}

bool SameOrigin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool IsLoopback(const Url& url) {
  return url.host == "localhost" || url.host == "127.0.0.1" || url.host == "[::1]";
}

Result<Url> RedirectTarget(const Url& from, std::string_view location) {
  const UrlHandle handle(curl_url());
  CODERANK_TRY(Set(handle.get(), from.text, 0));
  CODERANK_TRY(Set(handle.get(), location, CURLU_URLENCODE).WithContext("redirect"));
  CODERANK_ASSIGN(Url target, Read(handle.get()));
  if (from.scheme == "https" && target.scheme == "http") {
    return PermissionDenied(
        StrCat(from.host, ": redirects from https to http (host ", target.host,
               "), which is not followed: the way there can be read and changed by others"));
  }
  return target;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsAsciiAlnum(c) || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

}  // namespace coderank
