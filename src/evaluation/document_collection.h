// The documents of a collection as files of a tree, which is what the product indexes.
//
// A document is written under a number, so its path tells a search nothing. Its extension comes
// from its "language" (.txt without one), so that it is cut the way a source file is; the file
// holds the title, if any, and the text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank::evaluation {

struct DocumentTree {
  std::filesystem::path root;
  std::vector<std::string> ids;  // by number
};

// Writes the documents of <dataset>/corpus.jsonl below `folder`, which is new or was made by this
// function before. Errors name file and line.
Result<DocumentTree> WriteDocuments(const std::filesystem::path& dataset,
                                    const std::filesystem::path& folder);

// "000/000012.py" is document 12. No value for any other path.
std::optional<uint64_t> DocumentNumber(std::string_view path);

}  // namespace coderank::evaluation
