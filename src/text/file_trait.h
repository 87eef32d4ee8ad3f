// What kind of file a source file is, besides its language: what ranking holds against a result
// that nobody asked for. Which files these are says source/file_traits.h.
#pragma once

#include <cstdint>

namespace coderank {

// Bits; they are stored in indexes, so their values are frozen.
enum FileTrait : uint32_t {
  kTraitTest = 1,           // tests, their fixtures, benchmarks
  kTraitExample = 2,        // examples, samples, demos, tutorials
  kTraitProse = 4,          // text for people to read: Markdown, reStructuredText, HTML, ...
  kTraitData = 8,           // configuration, markup and data rather than code or prose
  kTraitVendored = 16,      // somebody else's code, copied into the tree
  kTraitGenerated = 32,     // written by a program, as its name or its head says
  kTraitReexport = 64,      // hardly more than imports and exports
  kTraitDeclaration = 128,  // types of code that lies elsewhere: TypeScript's .d.ts, Python's .pyi
  kTraitDocs = 256,         // lies in a folder of documentation
};
using FileTraits = uint32_t;

}  // namespace coderank
