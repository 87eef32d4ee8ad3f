// Chunks together with their texts, for what is derived from them.
#include "base/try.h"
#include "store/chunk_row.h"
#include "store/index_store.h"
