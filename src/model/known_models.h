// Prompts of published models whose files do not say them: a GGUF file never does, and copies of a
// model often leave out config_sentence_transformers.json.
#pragma once

#include <span>
#include <string_view>

namespace coderank {

struct KnownPrompt {
  std::string_view pattern;  // part of the model's name, lower case, letters and digits only
  std::string_view query_prompt;
};

// The model that one of the names is of, the first name first; null for none. Case and everything
// but letters and digits do not count: "Snowflake Arctic-Embed M long" is a name of
// snowflake-arctic-embed-m-long.
const KnownPrompt* FindKnownPrompt(std::span<const std::string_view> names);

}  // namespace coderank
