#include "server/web/page.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace coderank::server::web {

// Made of the files beside this one.
extern const std::string_view k_app_css;
extern const std::string_view k_app_js;
extern const std::string_view k_highlight_js;
extern const std::string_view k_icon_svg;
extern const std::string_view k_index_html;

namespace {

// Scripts and styles from files of this server alone, none inline, and no text turned into markup:
// were a page to take a name or a line of code for HTML, the browser would still run none of it.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

http::Response FileResponse(std::string_view text, const char* type) {
  return {.content_type = type,
          .headers = {{"Content-Security-Policy", kPolicy},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}},
          .body = std::string(text)};
}

void AddFile(const char* path, std::string_view text, const char* type, http::Router& router) {
  router.Add({.method = "GET",
              .path = path,
              .handler =
                  [text, type](std::unique_ptr<http::Exchange> exchange) {
                    exchange->Reply(FileResponse(text, type));
                  },
              .open = true,
              .quick = true});
}

}  // namespace

void AddPage(http::Router& router) {
  constexpr const char* kScript = "text/javascript; charset=utf-8";
  AddFile("/", k_index_html, "text/html; charset=utf-8", router);
  AddFile("/app.css", k_app_css, "text/css; charset=utf-8", router);
  AddFile("/app.js", k_app_js, kScript, router);
  AddFile("/highlight.js", k_highlight_js, kScript, router);
  AddFile("/icon.svg", k_icon_svg, "image/svg+xml", router);
}

}  // namespace coderank::server::web
