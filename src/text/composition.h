// Canonical composition of text (Unicode's form NFC), from the tables of the reference tokenizer.
#pragma once

#include <string>
#include <string_view>

namespace coderank {

// `text` with every character sequence in its composed form. Precondition: well-formed UTF-8.
std::string ComposeText(std::string_view text);

// True for most texts that ComposeText leaves as they are; costs one look at each byte.
bool IsSurelyComposed(std::string_view text);

}  // namespace coderank
