#include "migration/migrate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/elapsed.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "migration/name_switch.h"
#include "migration/optimising.h"
#include "migration/sample_check.h"
#include "migration/text_key.h"
#include "migration/text_parts.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;

// Comparisons until nothing may differ any more. The first copies; each that finds a difference
// needs another, and a source that is written to all the time never comes to rest.
constexpr uint64_t kMostPasses = 5;
// The server's own default (kilobytes), where the source has indexing switched off.
constexpr uint64_t kDefaultIndexing = 10'000;
constexpr double kTellInterval = 0.2;  // seconds between reports of progress
// A share of cut texts that is worth a warning.
constexpr double kManyTruncated = 0.01;

std::string PerCent(double share) {
  return StrCat(std::llround(share * 1000) / 10, ".", std::llround(share * 1000) % 10, " %");
}

}  // namespace

std::string MigrationTarget(const std::string& name, const std::string& model) {
  std::string target = StrCat(name, "__", model);
  // What the server refuses in names.
  constexpr std::string_view kForbidden = "<>:\"/\\|?*";
  std::replace_if(
      target.begin(), target.end(),
      [&](char c) { return kForbidden.find(c) != std::string_view::npos || c < 0x20; }, '_');
  return target;
}

Result<MigrationReport> Migration::Run() {
  const auto start = Clock::now();
  report_.source = request_.source;
  report_.model = context_.model;
  report_.target = MigrationTarget(request_.source, context_.model);
  report_.dry_run = request_.dry_run;
  CODERANK_TRY(FindSource());
  if (source_ == report_.target) {
    CODERANK_TRY(ReportTaken());
    return report_;
  }
  if (!source_.empty()) {
    CODERANK_TRY(ChooseText());
    CODERANK_TRY(CountAhead());
    CODERANK_TRY(Estimate());
    if (request_.dry_run) return report_;
    CODERANK_TRY(PrepareTarget());
    CODERANK_TRY(Copy());
    CODERANK_TRY(CheckVectors());
  }
  if (request_.take_name && !request_.dry_run) CODERANK_TRY(TakeName());
  report_.seconds = SecondsSince(start);
  return report_;
}

// Without a source the name may be one that a killed run was about to take: then only the alias is
// missing.
Status Migration::FindSource() {
  CODERANK_ASSIGN(names_, ServerNames::Read(context_.client));
  source_ = names_.Resolve(request_.source);
  if (!source_.empty()) return OkStatus();
  if (!names_.HasCollection(report_.target)) {
    return names_.NoSuch(request_.source, context_.client.url());
  }
  CODERANK_ASSIGN(const auto info, context_.client.Describe(report_.target));
  const auto mark = MarkFrom(info.metadata);
  const bool was_switching = mark && mark->state == kSwitching && mark->alias == request_.source;
  if (!was_switching) return names_.NoSuch(request_.source, context_.client.url());
  if (!request_.take_name) {
    return FailedPrecondition(StrCat(
        request_.source, ": ", report_.target, " was about to take this name; go on with ",
        "--take-name, or go back with `coderank collection rollback ", request_.source, "`"));
  }
  mark_ = *mark;
  report_.text_key = mark_.text_key;
  CODERANK_ASSIGN(report_.points, context_.client.Count(report_.target));
  return OkStatus();
}

// The name leads to the target already: an earlier run has done it all, but for the last mark when
// it was killed just before.
Status Migration::ReportTaken() {
  CODERANK_ASSIGN(const auto info, context_.client.Describe(report_.target));
  auto mark = MarkFrom(info.metadata);
  if (!mark || mark->alias != request_.source) {
    return FailedPrecondition(StrCat(request_.source, " leads to ", source_,
                                     ", which no migration of it made; name the collection to "
                                     "migrate itself"));
  }
  report_.text_key = mark->text_key;
  report_.snapshot = mark->snapshot;
  report_.took_name = true;
  CODERANK_ASSIGN(report_.points, context_.client.Count(report_.target));
  if (mark->state != kSwitching) return OkStatus();
  mark->state = kSwitched;
  return context_.client.SetMetadata(report_.target, MetadataOf(*mark));
}

Status Migration::ChooseText() {
  CODERANK_ASSIGN(qdrant::Page page,
                  context_.client.Scroll(source_, {.from = {}, .vector_name = {}}));
  sample_ = std::move(page.points);
  CODERANK_ASSIGN(report_.text_key, ChooseTextKey(sample_, request_.text_key, source_));
  CODERANK_ASSIGN(report_.points, context_.client.Count(source_));
  return OkStatus();
}

// What an earlier run has embedded is in the target.
Status Migration::CountAhead() {
  uint64_t present = 0;
  if (names_.HasCollection(report_.target)) {
    CODERANK_ASSIGN(present, context_.client.Count(report_.target));
  }
  ahead_ = CountTextsAhead(sample_, report_.text_key,
                           report_.points - std::min(present, report_.points));
  ahead_.collection = source_;
  return OkStatus();
}

// Before any text goes to the model.
Status Migration::Estimate() {
  const Status agreed = context_.consent ? context_.consent(ahead_) : OkStatus();
  const bool may_not_send = request_.dry_run && agreed.code() == StatusCode::kPermissionDenied;
  if (!may_not_send) CODERANK_TRY(agreed);
  // A few texts are embedded sooner than measured.
  const bool is_told = request_.dry_run || (context_.announce && ahead_.texts > kTimedTexts);
  if (is_told && !may_not_send) {
    CODERANK_ASSIGN(report_.truncated, MeasureTime(sample_, report_.text_key, context_.vectors,
                                                   context_.cancel, ahead_));
  }
  report_.estimated_seconds = ahead_.seconds;
  if (context_.announce && ahead_.texts > 0) context_.announce(ahead_);
  return OkStatus();
}

// Made by this run or an earlier one, and by nobody else.
Status Migration::PrepareTarget() {
  CODERANK_ASSIGN(const auto source, context_.client.Describe(source_));
  if (!names_.HasCollection(report_.target)) return CreateTarget(source);
  CODERANK_ASSIGN(const auto info, context_.client.Describe(report_.target));
  const auto mark = MarkFrom(info.metadata);
  if (!mark) {
    return FailedPrecondition(StrCat(
        report_.target, ": is there already, and no migration made it; ", "delete or rename it"));
  }
  if (mark->split != request_.split) {
    return FailedPrecondition(
        StrCat(report_.target, ": was made ",
               mark->split ? "with --split; go on with it" : "without --split; go on without it",
               ", or delete the collection to begin anew"));
  }
  if (mark->fingerprint != context_.fingerprint || mark->source != source_ ||
      mark->text_key != report_.text_key) {
    return FailedPrecondition(
        StrCat(report_.target, ": was made from ", mark->source, ", texts at ", mark->text_key,
               ", by model ", mark->model, " with fingerprint ", mark->fingerprint.substr(0, 12),
               "; expected ", source_, ", ", report_.text_key, ", fingerprint ",
               context_.fingerprint.substr(0, 12), "; delete it to begin anew"));
  }
  mark_ = *mark;
  return OkStatus();
}

Status Migration::CreateTarget(const qdrant::CollectionInfo& source) {
  mark_ = {.state = std::string(kLoading),
           .model = context_.model,
           .fingerprint = context_.fingerprint,
           .text_key = report_.text_key,
           .source = source_,
           .split = request_.split,
           .alias = {},
           .replaced = {},
           .snapshot = {}};
  CODERANK_ASSIGN(TruncationLog truncated, OpenTruncationLog());
  CODERANK_TRY(truncated.Clear());
  qdrant::NewCollection parameters{.size = context_.vectors.dimension(),
                                   .metadata = MetadataOf(mark_)};
  CODERANK_TRY(context_.client.Create(report_.target, parameters));
  CODERANK_ASSIGN(const auto made, context_.client.Describe(report_.target));
  if (!MarkFrom(made.metadata)) {
    CODERANK_TRY(context_.client.Delete(report_.target));
    return FailedPrecondition(StrCat(context_.client.url(), ": the server keeps no metadata of ",
                                     "collections; a migration needs Qdrant 1.16 or newer"));
  }
  for (const qdrant::PayloadIndex& index : source.payload_indexes) {
    CODERANK_TRY(context_.client.CreatePayloadIndex(report_.target, index));
  }
  if (!request_.split) return OkStatus();
  return context_.client.CreatePayloadIndex(
      report_.target, {.field = std::string(kParentKey), .schema = "keyword"});
}

// One comparison, which copies what differs.
Result<ReconcilePass> Migration::Compare(std::string_view phase) {
  CODERANK_ASSIGN(TruncationLog truncated, OpenTruncationLog());
  Reconciler reconciler(context_.client, context_.vectors, truncated,
                        {.source = source_,
                         .target = report_.target,
                         .text_key = report_.text_key,
                         .remove_surplus = mark_.state == kLoading || request_.prune,
                         .split = request_.split});
  CollectionProgress progress{
      .collection = request_.source, .phase = std::string(phase), .total = report_.points};
  const auto start = Clock::now();
  const auto tell = [&](uint64_t points) {
    const double seconds = SecondsSince(start);
    if (!context_.progress || seconds - progress.seconds < kTellInterval) return;
    progress.done = points;
    progress.seconds = seconds;
    context_.progress(progress);
  };
  CODERANK_ASSIGN(const ReconcilePass pass, reconciler.Run(tell, context_.cancel));
  ++report_.passes;
  report_.points = pass.points;
  report_.without_text = pass.without_text;
  report_.parts = pass.parts;
  report_.written += pass.written;
  report_.removed += pass.removed;
  report_.truncated = truncated.size();
  report_.embedded = context_.vectors.computed();
  report_.from_cache = context_.vectors.from_cache();
  return pass;
}

// Until nothing differs.
Status Migration::Copy() {
  ReconcilePass pass;
  for (uint64_t passes = 0; passes == 0 || !pass.settled(); ++passes) {
    if (passes == kMostPasses) return NeverRests();
    CODERANK_ASSIGN(pass, Compare(passes == 0 ? "copying" : "comparing"));
  }
  if (pass.surplus > 0) {
    return FailedPrecondition(StrCat(report_.target, ": ", pass.surplus,
                                     " of its points are not in ", source_,
                                     " (any more); --prune removes them"));
  }
  WarnOfTruncation();
  return OkStatus();
}

Status Migration::NeverRests() const {
  return FailedPrecondition(StrCat(source_, ": still changes after ", kMostPasses,
                                   " comparisons; stop what writes to it and run the same again"));
}

Status Migration::CheckVectors() {
  CODERANK_ASSIGN(const auto source, context_.client.Describe(source_));
  CODERANK_TRY(context_.client.SetIndexing(report_.target, source.indexing_threshold > 0
                                                               ? source.indexing_threshold
                                                               : kDefaultIndexing));
  CODERANK_ASSIGN(const uint64_t count, context_.client.Count(report_.target));
  if (count != report_.points + report_.parts) {
    return Corrupt(StrCat(report_.target, ": expected ", report_.points + report_.parts,
                          " points, found ", count));
  }
  CODERANK_ASSIGN(const SampleCheck check,
                  CheckSample(context_.client, context_.vectors, report_.target, "",
                              report_.text_key, context_.cancel));
  report_.verified = check.points;
  report_.least_cosine = check.least_cosine;
  if (check.least_cosine < kSameVector) {
    return Corrupt(StrCat(report_.target, ": point ", check.worst,
                          ": its vector is not what the model makes of its text (cosine ",
                          check.least_cosine, "); delete the collection and migrate again"));
  }
  if (mark_.state != kLoading) return OkStatus();
  mark_.state = kComplete;
  return context_.client.SetMetadata(report_.target, MetadataOf(mark_));
}

// A collection is saved, and compared once more: what is deleted then is in the file and in the
// target, to the last point.
Status Migration::TakeName() {
  NameSwitch name_switch(context_.client, context_.snapshot_folder);
  if (!source_.empty()) {  // otherwise the name leads nowhere, and nothing is slower than that
    CODERANK_TRY(WaitUntilOptimised(context_.client, report_.target,
                                    {.patience = request_.optimiser_patience,
                                     .label = request_.source,
                                     .progress = context_.progress,
                                     .cancel = context_.cancel}));
  }
  if (source_ == request_.source) {
    ReconcilePass pass;
    for (uint64_t tries = 0; tries == 0 || !pass.settled(); ++tries) {
      if (tries == kMostPasses) return NeverRests();
      CODERANK_TRY(name_switch.Save(request_.source, mark_));
      CODERANK_ASSIGN(pass, Compare("comparing"));
    }
  }
  CODERANK_ASSIGN(const NameTaken taken, name_switch.Take(request_.source, report_.target, mark_));
  report_.took_name = true;
  report_.snapshot = taken.snapshot;
  report_.gap_seconds = taken.gap_seconds;
  return OkStatus();
}

Result<TruncationLog> Migration::OpenTruncationLog() const {
  const std::string key = StrCat(context_.client.url(), "\n", report_.target);
  return TruncationLog::Open(context_.state_folder / "migrations" /
                             (ToHex(Sha256Of(key)).substr(0, 32) + ".cut"));
}

void Migration::WarnOfTruncation() const {
  const double share = static_cast<double>(report_.truncated) /
                       static_cast<double>(std::max<uint64_t>(1, report_.points));
  if (share <= kManyTruncated || request_.split || !context_.log) return;
  context_.log(
      LogLevel::kWarning,
      StrCat(report_.source, ": ", report_.truncated, " of ", report_.points, " texts (",
             PerCent(share), ") are longer than ", context_.model,
             " reads; what is behind its limit cannot be found (--split makes it points of "
             "its own)"));
}

}  // namespace coderank
