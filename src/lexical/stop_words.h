// Words of a question that say nothing about code.
#pragma once

#include <string_view>

namespace coderank {

// An English function word, or one of asking and of code in general ("how", "find",
// "implemented"). In lower case. Only questions lose them: the index holds every word.
bool IsStopWord(std::string_view word);

}  // namespace coderank
