#include "qdrant/point.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank::qdrant {
namespace {

constexpr size_t kMaxDimension = 65536;  // the server's own limit
constexpr size_t kUuidDigits = 32;

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char InLowerCase(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; }

// With hyphens between groups of 8, 4, 4, 4 and 12 digits.
std::string Hyphenated(std::string_view digits) {
  std::string uuid;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) uuid += '-';
    uuid += digits[i];
  }
  return uuid;
}

// The digits of a UUID, with or without hyphens or "urn:uuid:"; "" where it is none.
std::string UuidDigits(std::string_view text) {
  constexpr std::string_view kUrn = "urn:uuid:";
  if (text.starts_with(kUrn)) text.remove_prefix(kUrn.size());
  std::string digits;
  for (const char c : text) {
    if (c == '-') continue;
    if (!IsHex(c) || digits.size() == kUuidDigits) return "";
    digits += InLowerCase(c);
  }
  return digits.size() == kUuidDigits ? digits : "";
}

Result<std::vector<float>> VectorFrom(const Json& json) {
  std::vector<float> vector;
  if (!json.is_array() || json.size() > kMaxDimension) {
    return Corrupt(StrCat("vector: expected a list of at most ", kMaxDimension, " numbers"));
  }
  vector.reserve(json.size());
  for (const Json& value : json) {
    if (!value.is_number()) return Corrupt("vector: expected a list of numbers");
    vector.push_back(value.get<float>());
    if (!std::isfinite(vector.back())) return Corrupt("vector: expected finite numbers");
  }
  return vector;
}

void AppendNumber(float value, std::string& out) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

}  // namespace

Result<PointId> PointId::FromJson(const Json& json) {
  if (json.is_number_unsigned()) return PointId(json.get<uint64_t>());
  const std::string digits = json.is_string() ? UuidDigits(json.get<std::string>()) : "";
  if (digits.empty()) return Corrupt("id: expected a whole number or a UUID");
  PointId id;
  id.uuid_ = Hyphenated(digits);
  return id;
}

PointId PointId::OfName(std::string_view name) {
  Sha256Digest hash = Sha256Of(name);
  hash[6] = static_cast<uint8_t>((hash[6] & 0x0FU) | 0x80U);
  hash[8] = static_cast<uint8_t>((hash[8] & 0x3FU) | 0x80U);
  PointId id;
  id.uuid_ = Hyphenated(ToHex(std::span(hash).first(16)));
  return id;
}

Json PointId::ToJson() const { return uuid_.empty() ? Json(number_) : Json(uuid_); }

std::strong_ordering operator<=>(const PointId& a, const PointId& b) {
  if (a.uuid_.empty() != b.uuid_.empty()) return b.uuid_.empty() <=> a.uuid_.empty();
  if (a.uuid_.empty()) return a.number_ <=> b.number_;
  return a.uuid_.compare(b.uuid_) <=> 0;
}

Result<Point> PointFromJson(Json& json, const std::string& vector_name) {
  Point point;
  CODERANK_ASSIGN(point.id, PointId::FromJson(Member(json, "id")));
  if (Member(json, "payload").is_object()) point.payload = std::move(json["payload"]);
  const Json& vectors = Member(json, "vector");
  const Json& vector = vector_name.empty() ? vectors : Member(vectors, vector_name);
  if (vector.is_null()) return point;
  CODERANK_ASSIGN(point.vector, VectorFrom(vector));
  return point;
}

std::string UpsertText(const Point& point, const std::string& vector_name) {
  std::string numbers = "[";
  for (const float value : point.vector) {
    if (numbers.size() > 1) numbers += ',';
    AppendNumber(value, numbers);
  }
  numbers += ']';
  if (!vector_name.empty()) numbers = StrCat("{", ToText(Json(vector_name)), ":", numbers, "}");
  return StrCat("{\"id\":", ToText(point.id.ToJson()), ",\"vector\":", numbers,
                ",\"payload\":", ToText(point.payload), "}");
}

}  // namespace coderank::qdrant
