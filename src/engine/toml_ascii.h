// Lets the TOML parser see ASCII only.
//
// toml++ 3.3 has undefined behaviour for some characters beyond ASCII outside of strings (its
// table of white space holds a case that "cannot occur"), and a checkout's file is not trusted.
// So bytes from 0x80 on, and '%', are written as %XX before parsing, and read back in the values.
// Outside of strings and comments, where TOML allows neither, they stay an error.
#pragma once

#include <string>
#include <string_view>

namespace coderank {

std::string ToAsciiToml(std::string_view text);
// A string value of such a text, as it was written. ("\u0025" followed by two hexadecimal digits
// is read as a byte too: who means a percent sign writes it as it is.)
std::string FromAsciiToml(std::string_view value);

}  // namespace coderank
