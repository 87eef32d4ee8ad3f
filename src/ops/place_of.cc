#include "ops/place_of.h"

#include "base/strings.h"

namespace coderank::ops {

std::string PlaceOf(const CollectionHit& hit) {
  std::string place = hit.place.empty() ? hit.id : hit.place;
  if (hit.start_line > 0) place += StrCat(":", hit.start_line);
  if (hit.start_line > 0 && hit.end_line > 0) place += StrCat("-", hit.end_line);
  return place;
}

}  // namespace coderank::ops
