// Points: what a collection holds.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "qdrant/json.h"

namespace coderank::qdrant {

// A number or a UUID. Ordered as the server scrolls: numbers first, then UUIDs.
class PointId {
 public:
  PointId() = default;
  explicit PointId(uint64_t number) : number_(number) {}
  // kCorrupt unless it is a whole number from 0 or a UUID.
  static Result<PointId> FromJson(const Json& json);
  // The UUID of a name: of version 8 (RFC 9562), made of its SHA-256.
  static PointId OfName(std::string_view name);

  Json ToJson() const;
  std::string text() const { return uuid_.empty() ? std::to_string(number_) : uuid_; }

  friend bool operator==(const PointId&, const PointId&) = default;
  friend std::strong_ordering operator<=>(const PointId& a, const PointId& b);

 private:
  std::string uuid_;  // lower case with hyphens; empty: a number
  uint64_t number_ = 0;
};

struct Point {
  PointId id;
  Json payload = Json::object();
  std::vector<float> vector;  // empty: not asked for
};

struct ScoredPoint {
  Point point;
  double score = 0;
};

// A point of a reply. `vector_name` "": the unnamed vector. kCorrupt says what was expected.
Result<Point> PointFromJson(Json& json, const std::string& vector_name);

// The point as an upsert sends it: numbers of the vector with the digits that give it back.
// `vector_name` "": the unnamed vector.
std::string UpsertText(const Point& point, const std::string& vector_name);

}  // namespace coderank::qdrant
