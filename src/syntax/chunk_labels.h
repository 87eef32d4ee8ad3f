// Labels of chunks: what each defines, what encloses it, and the signatures of that.
#pragma once

#include <span>

#include "source/chunker.h"
#include "syntax/definition_tree.h"

namespace coderank {

// Fills symbol, kind, scope, definitions and context. `chunks` are ascending and disjoint.
//
// The symbol is the name whose definition has the most characters in the chunk. Without one, as in
// the middle of a long function, the scope is all that encloses it, nearly whole.
void LabelChunks(const TextLines& lines, const DefinitionTree& tree, std::span<Chunk> chunks);

}  // namespace coderank
