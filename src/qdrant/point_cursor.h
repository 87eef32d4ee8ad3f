// Goes through a collection in the order of its ids, a page in memory at a time.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "qdrant/client.h"

namespace coderank::qdrant {

// What of each point is fetched.
struct PointParts {
  bool payloads = true;
  bool vectors = false;
  std::string vector_name;  // "": the unnamed one
};

// Points that are written or deleted behind the cursor do not disturb it. Not thread-safe; borrows
// the client.
class PointCursor {
 public:
  PointCursor(Client& client, std::string collection, PointParts parts = {})
      : client_(client), collection_(std::move(collection)), parts_(std::move(parts)) {}

  // The point at the cursor, null behind the last.
  Result<Point*> Current();
  void Advance() { ++position_; }

 private:
  Status Fetch();

  Client& client_;
  std::string collection_;
  PointParts parts_;
  Page page_;
  size_t position_ = 0;
  uint32_t limit_ = kPage;
  bool started_ = false;
};

}  // namespace coderank::qdrant
