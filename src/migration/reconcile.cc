#include "migration/reconcile.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/try.h"
#include "migration/text_key.h"
#include "migration/text_parts.h"

namespace coderank {
namespace {

using qdrant::Point;
using qdrant::PointCursor;
using qdrant::PointId;

// Points embedded and written together: what a kill loses, a few seconds of work at most.
constexpr size_t kBatch = 64;

}  // namespace

Result<ReconcilePass> Reconciler::Run(const ReconcileProgress& progress,
                                      const CancellationToken* cancel) {
  pass_ = {};
  to_write_.clear();
  changed_.clear();
  to_remove_.clear();
  PointCursor source(client_, settings_.source);
  PointCursor target(client_, settings_.target);
  for (bool more = true; more;) {
    CODERANK_TRY(Step(source, target, more));
    const bool last = !more;
    if (to_write_.size() >= kBatch || last) CODERANK_TRY(Write(cancel));
    if (to_remove_.size() >= kBatch || last) CODERANK_TRY(Remove());
    if (progress) progress(pass_.points);
  }
  return pass_;
}

// Looks at the lower of the two cursors' points, or at both where they are one.
Status Reconciler::Step(PointCursor& source, PointCursor& target, bool& more) {
  CODERANK_ASSIGN(Point* const from, source.Current());
  CODERANK_ASSIGN(Point* const to, target.Current());
  more = from != nullptr || to != nullptr;
  if (!more) return OkStatus();
  const bool only_source = to == nullptr || (from != nullptr && from->id < to->id);
  const bool only_target = from == nullptr || (to != nullptr && to->id < from->id);
  if (only_target) {
    const bool part = IsPart(*to, vectors_.fingerprint());
    ++(part ? pass_.parts : pass_.surplus);
    if (!part && settings_.remove_surplus) to_remove_.push_back(to->id);
    target.Advance();
    return OkStatus();
  }
  CODERANK_TRY(TakeFromSource(from, only_source ? nullptr : to));
  source.Advance();
  if (!only_source) target.Advance();
  return OkStatus();
}

// `to`: the target's point of that id, null where it has none.
Status Reconciler::TakeFromSource(Point* from, const Point* to) {
  ++pass_.points;
  if (TextOf(*from, settings_.text_key).empty()) ++pass_.without_text;
  if (to != nullptr && to->payload == from->payload) return OkStatus();
  if (to != nullptr) changed_.push_back(from->id);
  to_write_.push_back({.id = from->id, .payload = std::move(from->payload), .vector = {}});
  return OkStatus();
}

// One for each point that has a text, in order.
Result<std::vector<DocumentVector>> Reconciler::VectorsOfWaiting(const CancellationToken* cancel) {
  std::vector<std::string> texts;
  for (const Point& point : to_write_) {
    std::string text = TextOf(point, settings_.text_key);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return vectors_.Of(texts, cancel);
}

// Parts come before their parent: where that is found, all is there.
Status Reconciler::Write(const CancellationToken* cancel) {
  CODERANK_ASSIGN(std::vector<DocumentVector> vectors, VectorsOfWaiting(cancel));
  std::vector<PointId> whole;
  std::vector<PointId> cut;
  std::vector<Point> parts;
  size_t next = 0;
  for (Point& point : to_write_) {
    if (TextOf(point, settings_.text_key).empty()) {
      point.vector.assign(vectors_.dimension(), 0.0F);
      whole.push_back(point.id);
      continue;
    }
    DocumentVector& made = vectors[next++];
    point.vector = std::move(made.vector);
    (made.truncated ? cut : whole).push_back(point.id);
    if (!made.truncated || !settings_.split) continue;
    CODERANK_ASSIGN(auto of_point, PartsOf(point, settings_.text_key, vectors_, cancel));
    std::move(of_point.begin(), of_point.end(), std::back_inserter(parts));
  }
  CODERANK_TRY(truncated_.Note(whole, cut));
  for (const PointId& id : changed_) CODERANK_TRY(RemoveParts(id));
  CODERANK_TRY(client_.Upsert(settings_.target, parts));
  CODERANK_TRY(client_.Upsert(settings_.target, to_write_));
  pass_.written += to_write_.size();
  to_write_.clear();
  changed_.clear();
  return OkStatus();
}

Status Reconciler::RemoveParts(const PointId& parent) {
  if (!settings_.split) return OkStatus();
  return client_.DeleteWhere(settings_.target, std::string(kParentKey), parent.text());
}

Status Reconciler::Remove() {
  for (const PointId& id : to_remove_) CODERANK_TRY(RemoveParts(id));
  CODERANK_TRY(client_.DeletePoints(settings_.target, to_remove_));
  pass_.removed += to_remove_.size();
  to_remove_.clear();
  return OkStatus();
}

}  // namespace coderank
