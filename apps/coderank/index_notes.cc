#include "index_notes.h"

#include <algorithm>
#include <cstdio>

#include "base/ascii.h"
#include "base/strings.h"

namespace coderank::cli {

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

ProgressSink ProgressTo(Console& console) {
  return [&console](const IndexProgress& progress) { console.Progress(progress); };
}

std::string Counted(uint64_t count, std::string_view noun) {
  return StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string IndexCommand(const std::filesystem::path& root) {
  const auto plain = [](char c) {
    return IsAsciiAlnum(c) || std::string_view("/._-+@").find(c) != std::string_view::npos;
  };
  const std::string& path = root.native();
  if (std::all_of(path.begin(), path.end(), plain)) return StrCat("`coderank index ", path, "`");
  std::string quoted;
  for (const char c : path) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return StrCat("`coderank index '", quoted, "'`");
}

void NoteCoverage(Console& console, const SearchedTree& tree, bool words_wanted) {
  const Coverage& coverage = tree.coverage;
  const bool embedded = words_wanted || coverage.embedded_chunks == coverage.chunks;
  if (embedded && coverage.complete) return;
  if (!tree.exported_at.empty()) {
    console.Note(StrCat("the snapshot has vectors of ", coverage.embedded_chunks, " of ",
                        coverage.chunks, " chunks",
                        coverage.complete ? "" : "; its indexing run was not at its end"));
    return;
  }
  if (coverage.complete && coverage.embedded_chunks == 0) {
    console.Note(StrCat("answered by words alone, as no chunk has a vector yet; ",
                        IndexCommand(tree.root), " makes them where a model is installed"));
    return;
  }
  console.Note(StrCat("the index is incomplete: ", coverage.embedded_chunks, " of ",
                      coverage.chunks, " chunks have a vector; run ", IndexCommand(tree.root),
                      " to go on"));
}

// What a refresh could not take in before the answer.
void NoteFreshness(Console& console, const SearchedTree& tree) {
  const Freshness& f = tree.freshness;
  const uint64_t behind = f.new_files + f.changed_files + f.removed_files;
  if (f.refreshed || behind == 0) return;
  console.Note(StrCat("the index is ", f.known ? "" : "at least ", Counted(behind, "file"),
                      " behind the tree; run ", IndexCommand(tree.root)));
}

}  // namespace coderank::cli
