#include "migration/pushed_point.h"

#include <algorithm>
#include <string>

#include "base/strings.h"

namespace coderank {
namespace {

using qdrant::Json;

// "src/net/url.cc" as {"0": "src", "1": "net", "2": "url.cc"}.
Json SegmentsOf(std::string_view path) {
  Json segments = Json::object();
  for (size_t number = 0; !path.empty(); ++number) {
    const size_t slash = std::min(path.find('/'), path.size());
    segments[std::to_string(number)] = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

}  // namespace

qdrant::PointId PushedPointId(std::string_view index_id, const StoredChunk& chunk,
                              const Sha256Digest& text_hash) {
  return qdrant::PointId::OfName(StrCat(index_id, "\n", chunk.path, "\n", chunk.start_line, "\n",
                                        chunk.end_line, "\n", ToHex(text_hash)));
}

qdrant::Json PushedPayload(const StoredChunk& chunk, std::string_view text) {
  return {{std::string(kPushedPathKey), chunk.path},
          {std::string(kPushedTextKey), text},
          {"startLine", chunk.start_line},
          {"endLine", chunk.end_line},
          {std::string(kPushedHashKey), ToHex(Sha256Of(text))},
          {"pathSegments", SegmentsOf(chunk.path)},
          {"type", "code"},
          {"language", chunk.language},
          {"symbol", chunk.symbol},
          {"kind", chunk.kind},
          {"scope", chunk.scope}};
}

}  // namespace coderank
