#include "migration/text_parts.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "json/json.h"
#include "migration/text_key.h"

namespace coderank {
namespace {

using qdrant::Json;
using qdrant::Point;
using qdrant::PointId;

PointId PartId(std::string_view fingerprint, std::string_view parent, uint64_t number) {
  return PointId::OfName(StrCat(fingerprint, "\n", parent, "\n", number));
}

bool ContinuesCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The position behind the `wanted` character that is nearest to the middle, within a quarter of the
// text; npos where there is none.
size_t NearMiddle(std::string_view text, char wanted) {
  const size_t middle = text.size() / 2;
  const size_t before = text.rfind(wanted, middle);
  const size_t after = text.find(wanted, middle);
  const auto distance = [middle](size_t at) {
    return at == std::string_view::npos ? std::string_view::npos
                                        : std::max(at, middle) - std::min(at, middle);
  };
  const size_t nearest = distance(before) <= distance(after) ? before : after;
  return distance(nearest) <= text.size() / 4 ? nearest + 1 : std::string_view::npos;
}

// Texts that the model reads to their ends, in order, which joined are `text`.
Result<std::vector<std::pair<std::string, DocumentVector>>> Pieces(
    const std::string& text, DocumentVectors& vectors, const CancellationToken* cancel) {
  std::vector<std::string> waiting = {text.substr(MiddleOf(text)), text.substr(0, MiddleOf(text))};
  std::vector<std::pair<std::string, DocumentVector>> pieces;
  while (!waiting.empty()) {  // the last is the next in order
    CODERANK_ASSIGN(std::vector<DocumentVector> made, vectors.Of({&waiting.back(), 1}, cancel));
    std::string piece = std::move(waiting.back());
    waiting.pop_back();
    const size_t middle = made.front().truncated ? MiddleOf(piece) : 0;
    if (middle == 0 || middle == piece.size()) {  // a single character is never cut in practice
      pieces.emplace_back(std::move(piece), std::move(made.front()));
    } else {
      waiting.push_back(piece.substr(middle));
      waiting.push_back(piece.substr(0, middle));
    }
  }
  return pieces;
}

}  // namespace

size_t MiddleOf(std::string_view text) {
  for (const char wanted : {'\n', ' '}) {
    const size_t at = NearMiddle(text, wanted);
    if (at != std::string_view::npos && at < text.size()) return at;
  }
  size_t middle = text.size() / 2;
  while (middle < text.size() && ContinuesCharacter(text[middle])) ++middle;
  return middle;
}

Result<std::vector<Point>> PartsOf(const Point& parent, std::string_view text_key,
                                   DocumentVectors& vectors, const CancellationToken* cancel) {
  CODERANK_ASSIGN(auto pieces, Pieces(TextOf(parent, text_key), vectors, cancel));
  const std::string id = parent.id.text();
  std::vector<Point> parts;
  for (size_t i = 1; i < pieces.size(); ++i) {
    const uint64_t number = i + 1;
    Point part{.id = PartId(vectors.fingerprint(), id, number),
               .payload = parent.payload,
               .vector = std::move(pieces[i].second.vector)};
    std::string key;
    if (Json* holder = qdrant::ParentOf(part.payload, text_key, key); holder != nullptr) {
      (*holder)[key] = std::move(pieces[i].first);
    }
    part.payload[std::string(kParentKey)] = id;
    part.payload[std::string(kPartKey)] = number;
    parts.push_back(std::move(part));
  }
  return parts;
}

bool IsPart(const Point& point, std::string_view fingerprint) {
  const std::string parent = TextAt(point.payload, kParentKey);
  const uint64_t number = NumberAt(point.payload, kPartKey);
  return !parent.empty() && point.id == PartId(fingerprint, parent, number);
}

}  // namespace coderank
