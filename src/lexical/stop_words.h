// Words of a question that say nothing about code.
#pragma once

#include <string_view>

namespace coderank {

// An English function word, or one that a question says about any code ("how", "implemented",
// "codebase"). In lower case. Only questions lose them: the index holds every word.
bool IsStopWord(std::string_view word);

}  // namespace coderank
