// Outline: what a grammar says about a text, as far as chunks need it.
//
// It is made in a worker process, which reads hostile text with generated code, and is used in this
// one, which takes nothing in it on trust: FormChunks makes sound chunks of any outline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace coderank {

// Of any of the strings below.
inline constexpr size_t kMaximumNameBytes = 200;

// Sent between processes. What a definition is to the cutting of chunks.
enum class DefinitionRole : uint8_t {
  kWhole,      // a function: one thing
  kContainer,  // a class: holds definitions of its own
  kExtension,  // a container that adds to what is defined elsewhere, as a Rust impl does
  kMember,     // a field or constant: a name worth finding, but no chunk by itself
};
inline constexpr uint8_t kDefinitionRoles = 4;

struct Definition {
  // Bytes of the text. Decorators and doc comments above a definition are not part of it here.
  uint32_t start = 0;
  uint32_t end = 0;            // exclusive
  uint32_t name_start = 0;     // the chunk with this byte is the one that defines the name
  uint32_t signature_end = 0;  // exclusive; the signature begins at `start`
  DefinitionRole role = DefinitionRole::kWhole;
  std::string kind;  // "function", "class", ...
  std::string name;
  std::string scope;  // said by the definition itself: "A" of `A::f`; joined by '.'
};

struct Outline {
  std::vector<Definition> definitions;
  // Comments and decorators that belong to a definition beginning on the line below: their spans.
  struct Attached {
    uint32_t start = 0;
    uint32_t end = 0;
  };
  std::vector<Attached> attached;  // ascending
  // For each line, blank ones included: how deep in the tree lies the innermost node that a cut
  // before this line divides.
  std::vector<uint8_t> depths;
};

}  // namespace coderank
