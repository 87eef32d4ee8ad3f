// Client: points.
#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "qdrant/client.h"
#include "qdrant/client_paths.h"

namespace coderank::qdrant {
namespace {

// The server takes 32 MiB by default, proxies often less. A larger batch is hardly faster.
constexpr size_t kMostBatchBytes = size_t{8} << 20;
constexpr size_t kMostBatchPoints = 256;

std::string BatchOf(std::span<const std::string> points) {
  std::string body = "{\"points\":[";
  for (const std::string& point : points) {
    if (body.back() == '}') body += ',';
    body += point;
  }
  return body + "]}";
}

Json IdsOf(std::span<const PointId> ids) {
  Json list = Json::array();
  for (const PointId& id : ids) list.push_back(id.ToJson());
  return list;
}

// What a request says of the vectors it wants back.
Json WithVector(bool wanted, const std::string& name) {
  if (!wanted || name.empty()) return wanted;
  return Json::array({name});
}

Status Expected(const std::string& where, std::string_view what) {
  return Corrupt(StrCat(where, ": expected ", what));
}

Result<std::vector<Point>> PointsFrom(Json& list, const std::string& vector_name,
                                      const std::string& where) {
  if (!list.is_array()) return Expected(where, "a list of points");
  std::vector<Point> points;
  points.reserve(list.size());
  for (Json& entry : list) {
    auto point = PointFromJson(entry, vector_name);
    if (!point) return point.error().WithContext(where);
    points.push_back(*std::move(point));
  }
  return points;
}

// A server that gives a page twice would be asked without end.
Status CheckOrder(const Page& page, const ScrollRequest& request, const std::string& where) {
  const PointId* last = request.from ? &*request.from : nullptr;
  bool may_equal = true;  // the first is where the page begins
  for (const Point& point : page.points) {
    if (last != nullptr && (may_equal ? point.id < *last : point.id <= *last)) {
      return Expected(where, "points in the order of their ids");
    }
    last = &point.id;
    may_equal = false;
  }
  if (!page.next) return OkStatus();
  if (page.points.empty() || *page.next <= *last) {
    return Expected(where, "a next page behind this one");
  }
  return OkStatus();
}

Json SearchBody(const SearchRequest& request) {
  Json parameters = {{"exact", request.exact}};
  if (request.quantized && !request.exact) {
    parameters["quantization"] = {{"rescore", true}, {"oversampling", request.oversampling}};
  } else {
    parameters["quantization"] = {{"ignore", true}};
  }
  Json body = {{"query", std::vector<float>(request.vector.begin(), request.vector.end())},
               {"limit", request.limit},
               {"params", std::move(parameters)},
               {"with_payload", true}};
  if (!request.payload_keys.empty()) body["with_payload"] = request.payload_keys;
  if (!request.vector_name.empty()) body["using"] = request.vector_name;
  if (!request.filter.is_null()) body["filter"] = request.filter;
  return body;
}

}  // namespace

// A point alone that is too large is the caller's to know.
Status Client::SendBatch(const std::string& collection, std::span<const std::string> points) {
  const auto sent = rest_.Call("PUT", StrCat(PointsOf(collection), "?wait=true"), BatchOf(points));
  if (sent) return OkStatus();
  if (sent.error().code() != StatusCode::kResourceExhausted || points.size() < 2) {
    return sent.error();
  }
  const size_t half = points.size() / 2;
  CODERANK_TRY(SendBatch(collection, points.first(half)));
  return SendBatch(collection, points.subspan(half));
}

Status Client::Upsert(const std::string& collection, std::span<const Point> points,
                      const std::string& vector_name) {
  std::vector<std::string> batch;
  size_t bytes = 0;
  for (const Point& point : points) {
    std::string text = UpsertText(point, vector_name);
    const bool full = bytes + text.size() > kMostBatchBytes || batch.size() == kMostBatchPoints;
    if (full && !batch.empty()) {
      CODERANK_TRY(SendBatch(collection, batch));
      batch.clear();
      bytes = 0;
    }
    bytes += text.size();
    batch.push_back(std::move(text));
  }
  return batch.empty() ? OkStatus() : SendBatch(collection, batch);
}

Status Client::DeletePoints(const std::string& collection, std::span<const PointId> ids) {
  if (ids.empty()) return OkStatus();
  const auto deleted = rest_.Call("POST", StrCat(PointsOf(collection), "/delete?wait=true"),
                                  ToText({{"points", IdsOf(ids)}}));
  return deleted ? OkStatus() : deleted.error();
}

Status Client::DeleteWhere(const std::string& collection, const std::string& key,
                           const std::string& value) {
  const Json condition = {{"key", key}, {"match", {{"value", value}}}};
  const Json body = {{"filter", {{"must", Json::array({condition})}}}};
  const auto deleted =
      rest_.Call("POST", StrCat(PointsOf(collection), "/delete?wait=true"), ToText(body));
  return deleted ? OkStatus() : deleted.error();
}

Result<uint64_t> Client::Count(const std::string& collection) {
  const std::string path = StrCat(PointsOf(collection), "/count");
  CODERANK_ASSIGN(const Reply reply, rest_.Call("POST", path, ToText({{"exact", true}})));
  const Json& count = Member(reply.result, "count");
  if (!count.is_number_unsigned()) return Expected(StrCat("POST ", url(), path), "a count");
  return count.get<uint64_t>();
}

Result<Page> Client::Scroll(const std::string& collection, const ScrollRequest& request) {
  const std::string path = StrCat(PointsOf(collection), "/scroll");
  const std::string where = StrCat("POST ", url(), path);
  Json body = {{"limit", request.limit},
               {"with_payload", request.payloads},
               {"with_vector", WithVector(request.vectors, request.vector_name)}};
  if (request.from) body["offset"] = request.from->ToJson();
  CODERANK_ASSIGN(Reply reply, rest_.Call("POST", path, ToText(body)));
  if (!reply.result.is_object()) return Expected(where, "a page of points");
  Page page;
  CODERANK_ASSIGN(page.points, PointsFrom(reply.result["points"], request.vector_name, where));
  if (const Json& next = Member(reply.result, "next_page_offset"); !next.is_null()) {
    CODERANK_ASSIGN(page.next, PointId::FromJson(next));
  }
  CODERANK_TRY(CheckOrder(page, request, where));
  return page;
}

Result<std::vector<Point>> Client::Retrieve(const std::string& collection,
                                            std::span<const PointId> ids, bool vectors,
                                            const std::string& vector_name) {
  if (ids.empty()) return std::vector<Point>();
  const std::string path = PointsOf(collection);
  const Json body = {{"ids", IdsOf(ids)},
                     {"with_payload", true},
                     {"with_vector", WithVector(vectors, vector_name)}};
  CODERANK_ASSIGN(Reply reply, rest_.Call("POST", path, ToText(body)));
  return PointsFrom(reply.result, vector_name, StrCat("POST ", url(), path));
}

Result<SearchReply> Client::Query(const std::string& collection, const Json& body,
                                  const std::string& vector_name) {
  const std::string path = StrCat(PointsOf(collection), "/query");
  const std::string where = StrCat("POST ", url(), path);
  CODERANK_ASSIGN(Reply reply, rest_.Call("POST", path, ToText(body)));
  if (!reply.result.is_object() || !Member(reply.result, "points").is_array()) {
    return Expected(where, "a list of points");
  }
  SearchReply found{.points = {}, .seconds = reply.seconds};
  for (Json& entry : reply.result["points"]) {
    const Json& score = Member(entry, "score");
    if (!score.is_number()) return Expected(where, "a score of each point");
    const double value = score.get<double>();
    auto point = PointFromJson(entry, vector_name);
    if (!point) return point.error().WithContext(where);
    found.points.push_back({.point = *std::move(point), .score = value});
  }
  return found;
}

Result<SearchReply> Client::Search(const std::string& collection, const SearchRequest& request) {
  return Query(collection, SearchBody(request), request.vector_name);
}

Result<std::vector<Point>> Client::Sample(const std::string& collection, uint32_t count,
                                          const std::string& vector_name) {
  const Json body = {{"query", {{"sample", "random"}}},
                     {"limit", count},
                     {"with_payload", true},
                     {"with_vector", WithVector(true, vector_name)}};
  CODERANK_ASSIGN(SearchReply drawn, Query(collection, body, vector_name));
  std::vector<Point> points;
  for (ScoredPoint& entry : drawn.points) points.push_back(std::move(entry.point));
  return points;
}

}  // namespace coderank::qdrant
