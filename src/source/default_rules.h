// What is left out of an index without anybody asking: version control, generated folders that
// no project writes by hand, files that are not text, and secrets.
//
// The list is short on purpose. A folder named build/, dist/, target/, lib/, out/ or env/ often
// holds sources, so no such name is here: ignore files say better what a project generates, and
// generated folders that carry a marker file are known by it (see FolderMarker).
#pragma once

#include <string_view>

#include "text/ignore_rules.h"

namespace coderank {

// Folders (or files of that name) that are never part of the sources, whatever the options say.
bool IsAlwaysExcluded(std::string_view name);

// The lowest row of ignore rules; any "!pattern" in an ignore file brings a path back.
IgnoreRules BuiltInRules();

// Files that tend to hold passwords or private keys. Names are compared in lower case: pass the
// lower-cased path. A rule that is not for folders only must not be applied to a folder.
IgnoreRules SecretRules();

}  // namespace coderank
