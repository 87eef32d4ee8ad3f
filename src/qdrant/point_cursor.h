// Goes through a collection in the order of its ids, a page in memory at a time.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "qdrant/client.h"

namespace coderank::qdrant {

// Points that are written or deleted behind the cursor do not disturb it. Not thread-safe; borrows
// the client.
class PointCursor {
 public:
  // Without `payloads` the points have none.
  PointCursor(Client& client, std::string collection, bool payloads = true)
      : client_(client), collection_(std::move(collection)), payloads_(payloads) {}

  // The point at the cursor, null behind the last.
  Result<Point*> Current();
  void Advance() { ++position_; }

 private:
  Status Fetch();

  Client& client_;
  std::string collection_;
  bool payloads_;
  Page page_;
  size_t position_ = 0;
  uint32_t limit_ = kPage;
  bool started_ = false;
};

}  // namespace coderank::qdrant
