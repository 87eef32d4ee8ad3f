// What a language is for: code, prose for people, or data.
#pragma once

#include <string_view>

namespace coderank {

enum class LanguageKind { kCode, kProse, kData };

// `language`: a name as the source layer detects it. Files without a language ("LICENSE",
// "CODEOWNERS") count as data.
LanguageKind KindOfLanguage(std::string_view language);

}  // namespace coderank
