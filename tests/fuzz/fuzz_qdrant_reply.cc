// What a Qdrant server answers: descriptions of collections, and points, which come out as they
// went in.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "json/json.h"
#include "migration/collection_mark.h"
#include "migration/text_key.h"
#include "qdrant/collection_info.h"
#include "qdrant/point.h"

namespace coderank {
namespace {

using qdrant::Json;

void ReadPoint(Json json) {
  const auto point = qdrant::PointFromJson(json, "");
  if (!point) return;
  (void)TextKeyCandidates({&*point, 1});
  (void)TextOf(*point, "a.b");
  // The server gets a point as it gave it; ill-formed UTF-8, which no JSON has, aside.
  auto again = ParseBoundedJson(qdrant::UpsertText(*point, ""));
  if (!again) std::abort();
  const auto same = qdrant::PointFromJson(*again, "");
  if (!same || same->id != point->id || same->vector != point->vector) std::abort();
}

}  // namespace
}  // namespace coderank

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto json = coderank::ParseBoundedJson(text);
  if (!json) return 0;
  if (const auto info = coderank::qdrant::CollectionInfoFrom(*json)) {
    (void)coderank::MarkFrom(info->metadata);
  }
  coderank::ReadPoint(std::move(*json));
  return 0;
}
