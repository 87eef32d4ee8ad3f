// The page that people search with, at / of the HTTP server.
//
// It is a client of the HTTP API like any other: its files hold nothing of the trees, so they need
// no token, and what it asks with the user's token comes as JSON and is shown as text.
#pragma once

#include "http/router.h"

namespace coderank::server::web {

// GET /, and the files that the page is made of. Nothing is loaded from elsewhere, and the browser
// is told to allow nothing else.
void AddPage(http::Router& router);

}  // namespace coderank::server::web
