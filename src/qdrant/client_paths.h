// Paths of the REST interface. Collections' names are free texts.
#pragma once

#include <string>

#include "base/strings.h"
#include "net/url.h"

namespace coderank::qdrant {

inline std::string PathOf(const std::string& collection) {
  return StrCat("/collections/", PercentEncode(collection));
}

inline std::string PointsOf(const std::string& collection) {
  return StrCat(PathOf(collection), "/points");
}

}  // namespace coderank::qdrant
