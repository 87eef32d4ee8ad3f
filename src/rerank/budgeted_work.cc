#include "rerank/budgeted_work.h"

#include <algorithm>
#include <numeric>

#include "base/try.h"

namespace coderank {
namespace {

// Tokens of a piece, for each thread: two batches of the encoder, so that a thread that is done
// early finds more; 30 ms on a machine with AVX2.
constexpr size_t kPieceTokens = 1024;
// Of the first piece while no rate is known: one document of usual length for each thread.
constexpr size_t kProbeTokens = 256;
// Of the time that is left, what is planned for: the rest is for what a rate cannot know.
constexpr double kPlanned = 0.9;

class Pieces {
 public:
  Pieces(const BudgetedWork& job, RateMeter& rate, FunctionRef<double()> now)
      : job_(job), rate_(rate), now_(now) {}

  // The end of the piece that begins at `begin`; `begin` where none can be done in time.
  size_t End(size_t begin) const {
    if (!job_.seconds) return job_.tokens.size();
    const double left = *job_.seconds - now_();
    if (left <= 0) return begin;
    const double speed = rate_.tokens_per_second();
    if (speed == 0) return AtLeastOne(begin, kProbeTokens * job_.threads);
    const double affordable = kPlanned * left * speed;
    if (static_cast<double>(job_.tokens[begin]) > affordable) return begin;
    const auto piece = static_cast<double>(kPieceTokens * job_.threads);
    return AtLeastOne(begin, static_cast<size_t>(std::min(affordable, piece)));
  }

  // Seconds from the beginning to the end of the whole list.
  std::optional<double> Predict(size_t done) const {
    const double speed = rate_.tokens_per_second();
    if (speed == 0) return std::nullopt;
    const auto rest = job_.tokens.subspan(done);
    const size_t tokens = std::accumulate(rest.begin(), rest.end(), size_t{0});
    return now_() + static_cast<double>(tokens) / speed;
  }

 private:
  // As many documents as hold `tokens` together, but at least one.
  size_t AtLeastOne(size_t begin, size_t tokens) const {
    size_t end = begin + 1;
    for (size_t sum = job_.tokens[begin]; end < job_.tokens.size(); ++end) {
      sum += job_.tokens[end];
      if (sum > tokens) break;
    }
    return end;
  }

  const BudgetedWork& job_;
  RateMeter& rate_;
  FunctionRef<double()> now_;
};

}  // namespace

Result<WorkDone> WorkWithin(const BudgetedWork& job, RateMeter& rate, FunctionRef<double()> now,
                            FunctionRef<Status(size_t begin, size_t end)> work) {
  const Pieces pieces(job, rate, now);
  WorkDone done{.documents = 0, .predicted_seconds = pieces.Predict(0)};
  while (done.documents < job.tokens.size()) {
    const size_t begin = done.documents;
    const size_t end = pieces.End(begin);
    if (end == begin) break;
    const double before = now();
    CODERANK_TRY(work(begin, end));
    const auto piece = job.tokens.subspan(begin, end - begin);
    rate.Add(std::accumulate(piece.begin(), piece.end(), size_t{0}), now() - before);
    done.documents = end;
    if (!done.predicted_seconds && end < job.tokens.size()) {
      done.predicted_seconds = pieces.Predict(end);
    }
  }
  return done;
}

}  // namespace coderank
