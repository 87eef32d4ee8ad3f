#include "qdrant/point_cursor.h"

#include <algorithm>
#include <utility>

#include "base/try.h"

namespace coderank::qdrant {

Result<Point*> PointCursor::Current() {
  while (position_ == page_.points.size()) {
    if (started_ && !page_.next) return nullptr;
    CODERANK_TRY(Fetch());
  }
  return &page_.points[position_];
}

// A page of very large payloads is asked for again in halves.
Status PointCursor::Fetch() {
  const std::optional<PointId> from = page_.next;
  for (;;) {
    auto page = client_.Scroll(collection_, {.from = from,
                                             .limit = limit_,
                                             .payloads = parts_.payloads,
                                             .vectors = parts_.vectors,
                                             .vector_name = parts_.vector_name});
    if (page) {
      page_ = *std::move(page);
      position_ = 0;
      started_ = true;
      return OkStatus();
    }
    if (page.error().code() != StatusCode::kResourceExhausted || limit_ == 1) return page.error();
    limit_ = std::max<uint32_t>(1, limit_ / 2);
  }
}

}  // namespace coderank::qdrant
