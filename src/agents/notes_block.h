// A few lines between two marks in a text of the user's: put in, renewed, taken out.
#pragma once

#include <string>
#include <string_view>

namespace coderank::agents {

// When to use coderank, for a model that reads it at each start.
std::string_view UsageNotes();

// With the block at the end, or renewed where it is.
std::string WithBlock(std::string_view text, std::string_view lines);
// Without it; unchanged when it is not there.
std::string WithoutBlock(std::string_view text);

}  // namespace coderank::agents
