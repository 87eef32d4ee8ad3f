#include "open.h"

// Reads all of a file into memory.
Bytes ReadAll(const Path& path) { return Open(path).Rest(); }
