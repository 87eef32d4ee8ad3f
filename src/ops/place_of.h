// Where a point of a collection comes from, in the words of its payload.
#pragma once

#include <string>

#include "coderank/collections.h"

namespace coderank::ops {

// "docs/a.md:3-9", without lines where none are known; the id where no place is. As the payload has
// it: not made safe to print.
std::string PlaceOf(const CollectionHit& hit);

}  // namespace coderank::ops
