// Words of code: what a lexical index keeps of a text, and what a query asks for.
//
// A word is a run of letters, digits and underscores. Its parts are cut at underscores, before an
// inner capital ("parseArgs"), before the last capital of a run that goes on in lower case
// ("HTTPServer": http, server), and after digits that letters follow ("base64encode"). Digits
// belong to the letters before them ("utf8", "sha256"). Everything is lower case.
//
//   parse_args, parseArgs, PARSE_ARGS   parseargs (compound), parse, args
//   IPv4Address                         ipv4address (compound), ipv4, address
//   OAuthToken                          oauthtoken (compound), o, oauth, auth, token
//   utf8_decode                         utf8decode (compound), utf8, utf, decode
//   0x1F, 2fa, 3d                       one word each: what starts with a digit is not cut
//   42, 1_000                           nothing
//   Chinese characters                  pairs of neighbours, as they are written without spaces
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"

namespace coderank {

// Raise it when tokens change: indexes made of other tokens are then made again.
inline constexpr unsigned kTokenVersion = 1;

// Longer words are data (base64, hashes, minified code) and give no token.
inline constexpr size_t kMaximumWordBytes = 128;

enum class TokenKind {
  kWord,      // a word of one part
  kCompound,  // all parts of a word of several, joined
  kPart,      // one of them
  kVariant,   // another spelling of a part: without its digits, or with the single letter before it
};

// Calls `emit` for every token of the text, in its order; a compound comes before its parts. The
// text need not be valid UTF-8. The token is valid during the call only.
void Tokenize(std::string_view text, FunctionRef<void(TokenKind, std::string_view)> emit);

// The parts of all words in a name, in lower case: "http::ServerPool" is http, server, pool.
std::vector<std::string> SplitIdentifier(std::string_view name);

// All parts of a name joined, whatever separates them: "Server_pool" and "serverPool" are
// "serverpool".
std::string JoinIdentifier(std::string_view name);

}  // namespace coderank
