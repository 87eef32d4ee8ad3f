// What several commands say about an index.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "coderank/search.h"
#include "terminal.h"

namespace coderank::cli {

void Print(const std::string& text);  // to standard output

ProgressSink ProgressTo(Console& console);

// "1 file", "2 files".
std::string Counted(uint64_t count, std::string_view noun);

// The command that refreshes the index of a tree, from wherever the user is, to paste into a shell.
std::string IndexCommand(const std::filesystem::path& root);

// What an answer lacks, and how to get it.
void NoteCoverage(Console& console, const SearchedTree& tree, bool words_wanted);
void NoteFreshness(Console& console, const SearchedTree& tree);

}  // namespace coderank::cli
