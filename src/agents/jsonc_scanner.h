// JSON with comments, as people keep it in settings: where its members lie, to the byte.
//
// Accepts what editors accept: // and /* */ comments, and a comma after the last member. Anything
// else that is no JSON is an error. Gives places, not values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank::agents {

struct JsoncMember {
  std::string key;   // decoded
  size_t begin = 0;  // of the key's quote
  size_t value_begin = 0;
  size_t value_end = 0;
  size_t comma = std::string_view::npos;  // behind it, where there is one
};

struct JsoncObject {
  size_t begin = 0;  // of '{'
  size_t end = 0;    // of '}'
  std::vector<JsoncMember> members;
  size_t content_end = 0;  // after the last member, comma or comment; begin + 1 when there is none
};

// Checks the whole text, whose only value has to be an object, and returns that.
Result<JsoncObject> ScanDocument(std::string_view text);
// The object whose '{' is at `begin` of a text that has been checked; an error when there is
// another value.
Result<JsoncObject> ScanObject(std::string_view text, size_t begin);

// The same without comments and commas at ends, for a parser of JSON. Of a text that has been
// checked, or a value in it.
std::string PlainJson(std::string_view text);

}  // namespace coderank::agents
