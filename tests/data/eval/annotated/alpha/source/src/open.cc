#include "open.h"

// Opens a file for reading; a missing one is an error.
File Open(const Path& path) { return File(path, kReadOnly); }
