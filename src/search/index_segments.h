// The derived, memory-mapped files of an index, by which it is searched: words and vectors, each
// as a base and a delta. SQLite stays the only source of truth: whatever is missing, damaged or
// behind is made again from it.
//
// Who writes the index brings the files up to date (Update...) while holding the writer's lock.
// A reader (Open) uses what fits; when nothing does and it cannot become the writer either, it
// makes the files for itself alone, in a temporary folder.
#pragma once

#include <filesystem>
#include <optional>

#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "lexical/lexical_index.h"
#include "store/index_store.h"
#include "vectors/vector_index.h"

namespace coderank {

// The files' names inside an index folder.
inline constexpr std::string_view kLexicalBaseName = "words.base";
inline constexpr std::string_view kLexicalDeltaName = "words.delta";

// A base is kept, with the mean that its vectors' signs are about, until one of so many of its rows
// has changed.
inline constexpr size_t kDeltaShare = 20;

// A changed file costs a delta of the changed documents; once they are many, a new base.
Status UpdateLexicalSegments(const IndexStore& store, const std::filesystem::path& folder);
// Does nothing while the store has no vectors; removes the files of an index whose vectors are
// searched in a collection.
Status UpdateVectorSegments(const IndexStore& store, const std::filesystem::path& folder,
                            const kernels::KernelSet& kernels);

// Immutable, so thread-safe.
class IndexSegments {
 public:
  static Result<IndexSegments> Open(const IndexStore& store, const std::filesystem::path& folder,
                                    const kernels::KernelSet& kernels);

  const LexicalIndex& lexical() const { return lexical_; }
  // Null while the store has no vectors, and where they are searched in a collection.
  const VectorIndex* vectors() const { return vectors_ ? &*vectors_ : nullptr; }

 private:
  IndexSegments(LexicalIndex lexical, std::optional<VectorIndex> vectors)
      : lexical_(std::move(lexical)), vectors_(std::move(vectors)) {}

  LexicalIndex lexical_;
  std::optional<VectorIndex> vectors_;
};

}  // namespace coderank
